"""What breaks the user's calls in AgentOps 0.4 is mended in place.

In 0.4.15 to 0.4.21 arguments that were not given (`Omit`, `NotGiven`), as the `.stream()` helper passes them, made it
raise TypeError; and its stream lacks what the SDK's has (`response`, `close`, ...), which the helper needs. In 0.4.4
and 0.4.5 every streamed chat ended in an AttributeError, for a name that had been left out.
"""

from . import _patch

_CHUNK = "LLM_CONTENT_COMPLETION_CHUNK"
_NOT_GIVEN = ("Omit", "NotGiven")


def hook_chat_attributes(module):
    """Hooks the module that computes the attributes of a chat."""
    _patch.wrap(module, "handle_chat_attributes", _make_handle)


def hook_stream_wrapper(module):
    """Hooks the module that wraps streams; it holds the name imported from the one above."""
    _patch.wrap(module, "handle_chat_attributes", _make_handle)
    for name in ("OpenaiStreamWrapper", "OpenAIAsyncStreamWrapper", "ResponsesAPIStreamWrapper"):
        kind = getattr(module, name, None)
        if kind is not None and not hasattr(kind, "__getattr__"):
            _patch.put(kind, "__getattr__", _of_stream)


def hook_chat_wrappers(module):
    """Hooks the module that records chats in 0.4.0 to 0.4.14, and in OpenLLMetry."""
    names = getattr(module, "SpanAttributes", None)
    bases = getattr(names, "__mro__", ())
    if any(base.__module__.startswith("agentops.") for base in bases) and not hasattr(names, _CHUNK):
        _patch.put(names, _CHUNK, "gen_ai.completion.chunk")


def _make_handle(handle, is_active):
    def wrapper(args=None, kwargs=None, *others, **named):
        if is_active() and isinstance(kwargs, dict):
            kwargs = {key: value for key, value in kwargs.items() if type(value).__name__ not in _NOT_GIVEN}
        return handle(args, kwargs, *others, **named)

    return wrapper


def _of_stream(self, name):
    stream = self.__dict__.get("_stream")
    if stream is None or name.startswith("__"):
        raise AttributeError(name)
    return getattr(stream, name)
