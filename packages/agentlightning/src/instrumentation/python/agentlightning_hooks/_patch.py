"""Replaces attributes of foreign modules and classes so that all of it can be taken back."""

import functools
import threading

from . import _log

_undo = []
_lock = threading.Lock()
_STATE = "_agl_state"


def wrap(owner, name, make):
    """
    Replaces `owner.name` by `make(original, is_active)`; does nothing when it is absent or replaced already.
    Once taken back, `is_active()` is False, for those who kept the replacement.
    """
    original = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name, None)
    if original is None and isinstance(owner, type):
        original = getattr(owner, name, None)
    if original is None:
        return False
    earlier = getattr(original, _STATE, None)
    if earlier is not None:
        return _again(earlier)
    state = {"on": True}
    replacement = make(original, lambda: state["on"])
    _copy_looks(original, replacement, state)
    own = not isinstance(owner, type) or name in owner.__dict__
    setattr(owner, name, replacement)

    def take_back():
        state["on"] = False
        current = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name, None)
        if current is not replacement:
            return
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)

    on_undo(take_back)
    return True


def put(owner, name, value):
    """Sets `owner.name`, to be set back; `owner` may be an object or a module."""
    missing = object()
    before = owner.__dict__.get(name, missing)
    setattr(owner, name, value)

    def take_back():
        if owner.__dict__.get(name) is not value:
            return
        if before is missing:
            delattr(owner, name)
        else:
            setattr(owner, name, before)

    on_undo(take_back)


def on_undo(take_back):
    with _lock:
        _undo.append(take_back)


def undo_all():
    with _lock:
        steps = _undo[::-1]
        del _undo[:]
    for step in steps:
        try:
            step()
        except Exception as error:
            _log.failed("taking a hook back", error)


def guarded(doing, function, *args):
    """Calls `function`; a failure in it is one log line and gives None."""
    try:
        return function(*args)
    except Exception as error:
        _log.failed(doing, error)
        return None


def _copy_looks(original, replacement, state):
    try:
        functools.update_wrapper(replacement, original)
        setattr(replacement, _STATE, state)
    except (AttributeError, TypeError):
        pass


def _again(state):
    """A wrapper that others held on to, while the hooks were gone, is put into force again."""
    if state["on"]:
        return False
    state["on"] = True
    on_undo(lambda: state.update(on=False))
    return True
