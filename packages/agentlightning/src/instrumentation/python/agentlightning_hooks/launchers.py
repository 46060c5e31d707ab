"""`opentelemetry-instrument` puts its own `sitecustomize` before ours, and runs no other. Ours runs the others: it is
put first again.
"""

import os

from . import _patch

_SITE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "site")


def hook_opentelemetry(module):
    """Hooks `opentelemetry.instrumentation.auto_instrumentation`, which starts the program in its place."""
    _patch.wrap(module, "execl", _make_execl)


def _make_execl(execl, is_active):
    def wrapper(*args):
        if is_active():
            _patch.guarded("coming before opentelemetry-instrument", _come_first)
        return execl(*args)

    return wrapper


def _come_first():
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    ours = [entry for entry in entries if entry and os.path.realpath(entry) == _SITE]
    if ours:
        others = [entry for entry in entries if entry not in ours]
        os.environ["PYTHONPATH"] = os.pathsep.join(ours[:1] + others)
