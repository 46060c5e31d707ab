"""Which span belongs to a model call, and the ids written to it at its very end.

A call's span is the current one where its recorder makes it current (AgentOps 0.4.15 and later, OpenTelemetry's own
instrumentation), else the model span that was started last in the same context (AgentOps 0.4.0 to 0.4.14).
"""

import contextvars
import os
import weakref

from . import _attributes, _log, _patch, open_streams

_TOKENS = "_agl_tokens"
_RAISED_LIMIT = 4096
_MODEL_TYPES = ("chat", "completion", "text_completion", "rerank", "generate_content", "response", "responses")
_latest = contextvars.ContextVar("agentlightning_latest_model_span", default=None)


def hook_sdk(module):
    """Hooks `opentelemetry.sdk.trace`."""
    _patch.wrap(module.Span, "start", _make_start)
    _patch.wrap(module.Span, "end", _make_end)
    limits = getattr(module, "SpanLimits", None)
    if limits is not None and not _limited_by_user():
        _patch.wrap(limits, "__init__", _make_limits)
        _patch.guarded("raising the attribute limit", _raise_existing)


def span_of_call():
    """The span of the model call that is being sent from here, or None."""
    from opentelemetry import trace

    current = trace.get_current_span()
    if is_model_span(current) and _is_free(current):
        return current
    noted = _latest.get()
    latest = noted() if noted is not None else None
    if latest is not None and latest.is_recording() and getattr(latest, _TOKENS, None) is None:
        return latest
    return None


def _is_free(span):
    """
    A stream that is still open, or was given up, leaves its span current: a call beside it is not that span's. Spans
    of other recorders may stand for a call and its retries.
    """
    call = getattr(span, _TOKENS, None)
    return call is None or (getattr(call, "ended", True) and not span.name.startswith("openai."))


def attach(span, collector):
    """Has what the collector holds at the end of the span written to it."""
    setattr(span, _TOKENS, collector)


def call_of(span):
    """What was attached to a span that has not ended."""
    return getattr(span, _TOKENS, None)


def is_openai_span(span):
    """Whether a span has the name that AgentOps gives to a call of OpenAI's client."""
    return str(getattr(span, "name", "")).startswith("openai.")


def is_model_span(span):
    """Whether a span that still records stands for one call of a model."""
    attributes = getattr(span, "_attributes", None)
    if attributes is None or not span.is_recording():
        return False
    kind = attributes.get("agentops.span.kind") or attributes.get("traceloop.span.kind")
    if kind is not None and str(kind).lower() != "llm":
        return False
    if is_openai_span(span):
        return True
    if attributes.get("openinference.span.kind") == "LLM":
        return True
    operation = attributes.get("gen_ai.operation.name")
    if operation is not None:
        return operation in _MODEL_TYPES
    kind = attributes.get("gen_ai.request.type") or attributes.get("llm.request.type")
    return kind in _MODEL_TYPES


def _make_start(start, is_active):
    def wrapper(self, *args, **kwargs):
        open_streams.end_left()
        start(self, *args, **kwargs)
        if is_active():
            _patch.guarded("noting a span", _note, self)

    return wrapper


def _note(span):
    if is_openai_span(span) and is_model_span(span):
        _latest.set(weakref.ref(span))


def _make_end(end, is_active):
    def wrapper(self, *args, **kwargs):
        open_streams.end_left()
        collector = getattr(self, _TOKENS, None)
        if collector is not None and is_active():
            hold = getattr(collector, "holds_end", None)
            if hold is not None and _patch.guarded("ending a span later", hold, self):
                return None
            if self.is_recording():
                setattr(self, _TOKENS, None)
                look_again = getattr(collector, "look_again", None)
                if look_again is not None:
                    _patch.guarded("reading a raw reply", look_again)
                _patch.guarded("writing token ids", _attributes.write, self, collector)
        return end(self, *args, **kwargs)

    return wrapper


def _limited_by_user():
    return bool(os.environ.get("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") or os.environ.get("OTEL_ATTRIBUTE_COUNT_LIMIT"))


def _make_limits(init, is_active):
    def wrapper(self, *args, **kwargs):
        init(self, *args, **kwargs)
        asked = args or "max_span_attributes" in kwargs or "max_attributes" in kwargs
        if is_active() and not asked and self.max_span_attributes == 128 and not _limited_by_user():
            _patch.put(self, "max_span_attributes", _RAISED_LIMIT)

    return wrapper


def _raise_existing():
    """A provider that was made before the hooks."""
    from opentelemetry import trace

    # Not `get_tracer_provider`: it may make one, before the program sets its own.
    limits = getattr(getattr(trace, "_TRACER_PROVIDER", None), "_span_limits", None)
    if getattr(limits, "max_span_attributes", None) == 128:
        _patch.put(limits, "max_span_attributes", _RAISED_LIMIT)
        _log.debug("the limit of attributes is %d", _RAISED_LIMIT)
