"""Streams that are being read. What a recorder leaves unended, because the program gave a stream up or it broke off, is
ended when the program has let go of the stream: at the next span that starts or ends, and at exit. Never from a
destructor, which may run while the exporter holds a lock.
"""

import atexit
import collections
import weakref

from . import _patch

_open = {}
_left = collections.deque()
_registered = []


def watch(stream, call):
    """Calls `call.left()` some time after nothing refers to its streams (a raw response and what is in it) any more."""
    if not _registered:
        _registered.append(atexit.register(_at_exit))
    _open[call] = _open.get(call, 0) + 1
    weakref.finalize(stream, _left.append, call).atexit = False


def end_left():
    """Ends the calls whose streams are gone."""
    while _left:
        try:
            call = _left.popleft()
        except IndexError:
            return
        held = _open.pop(call, 1) - 1
        if held > 0:
            _open[call] = held
        else:
            _patch.guarded("ending a span", call.left)


def _at_exit():
    for call in list(_open):
        _open[call] = 1
        _left.append(call)
    end_left()
