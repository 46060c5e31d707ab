"""LiteLLM's OpenTelemetry callback: its span is made after the call, from the reply that LiteLLM rebuilt. Of a stream
the ids are taken from the chunks, since the rebuilt reply drops them.
"""

import collections
import threading

from . import _collect, _patch, spans
from ._values import object_of

_KEPT = 256
_streams = collections.OrderedDict()
_lock = threading.Lock()


def hook_opentelemetry(module):
    """Hooks `litellm.integrations.opentelemetry`."""
    kind = getattr(module, "OpenTelemetry", None)
    if kind is not None:
        _patch.wrap(kind, "set_attributes", _make_set)


def hook_streaming(module):
    """Hooks `litellm.litellm_core_utils.streaming_handler`, which sees the provider's chunks."""
    kind = getattr(module, "CustomStreamWrapper", None)
    if kind is not None:
        _patch.wrap(kind, "chunk_creator", _make_creator)


def hook_parser(module):
    """Hooks the parser of OpenAI-compatible frames, which drops the prompt's ids."""
    kind = getattr(module, "OpenAIChatCompletionStreamingHandler", None)
    if kind is not None:
        _patch.wrap(kind, "chunk_parser", _make_parser)


def _make_set(set_attributes, is_active):
    def wrapper(self, span, kwargs, response_obj, *others):
        result = set_attributes(self, span, kwargs, response_obj, *others)
        if is_active():
            _patch.guarded("reading LiteLLM's reply", _attach, span, response_obj)
        return result

    return wrapper


def _attach(span, reply):
    if getattr(span, "_agl_tokens", None) is not None:
        return
    collector = _of_stream(reply)
    if collector is None:
        collector = _collect.Collector()
        collector.reply(reply)
    if collector.has_ids():
        spans.attach(span, collector)


def _make_creator(create, is_active):
    def wrapper(self, chunk, *args, **kwargs):
        if is_active():
            _patch.guarded("reading LiteLLM's chunks", _gather, self, chunk)
        return create(self, chunk, *args, **kwargs)

    return wrapper


def _make_parser(parse, is_active):
    def wrapper(self, chunk, *args, **kwargs):
        result = parse(self, chunk, *args, **kwargs)
        if is_active() and isinstance(chunk, dict):
            for name in ("prompt_token_ids", "sglext"):
                if chunk.get(name):
                    _patch.guarded("keeping a frame's ids", setattr, result, name, chunk[name])
        return result

    return wrapper


def _gather(stream, chunk):
    """Keeps what the chunks of the last streams held, by response id, until their span is made."""
    collector = stream.__dict__.get("_agl_tokens")
    if collector is None:
        collector = _collect.Collector()
        stream.__dict__["_agl_tokens"] = collector
    collector.chunk(chunk)
    if collector.response_id is None or not collector.has_ids():
        return
    with _lock:
        _streams[collector.response_id] = collector
        _streams.move_to_end(collector.response_id)
        while len(_streams) > _KEPT:
            _streams.popitem(last=False)


def _of_stream(reply):
    members = object_of(reply) or {}
    with _lock:
        return _streams.pop(members.get("id"), None)
