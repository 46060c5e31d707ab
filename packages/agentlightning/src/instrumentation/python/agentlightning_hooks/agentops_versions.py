"""Says which AgentOps was met and by which way its spans get token ids: told apart by what it has, not by number."""

import os

from . import _log

_WAYS = (
    ("instrumentation/providers/openai/stream_wrapper.py", "0.4.16 to 0.4.21: its current span"),
    ("instrumentation/openai/wrappers/chat.py", "0.4.15: its current span, streams ended with their last frame"),
    ("../opentelemetry/instrumentation/openai/shared/chat_wrappers.py", "0.4.0 to 0.4.14: its latest span"),
)


def hook_package(module):
    """Looks at an `agentops` that was imported."""
    for folder in getattr(module, "__path__", []):
        for path, way in _WAYS:
            if os.path.exists(os.path.join(folder, path)):
                _log.debug("AgentOps as of %s", way)
                return
        if not os.path.exists(os.path.join(folder, "sdk", "core.py")):
            _log.debug("AgentOps before 0.4: its events hold the replies, ids included; nothing to hook")
            return
    _log.warn_once(
        "this AgentOps (%s) is not known: ids are written where a model span is current or was started last; "
        "what passes the gateway is recorded in any case" % (getattr(module, "__version__", None) or "unknown version")
    )
