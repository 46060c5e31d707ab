"""Every call of the `openai` SDK passes `SyncAPIClient.request` or its asynchronous twin, whichever method the program
used: `create`, `parse`, `stream`, raw responses, and clients that were made before the hooks. Here the request
flag is added, the reply's ids are gathered, and they are given to the span of the call.
"""

import os
import sys
import time
import types

from . import _collect, _log, _patch, openai_stream, own_span, request_flag, spans, trace_context
from ._values import count_of, object_of

_CHAT = "/chat/completions"
_SUPPRESS = ("suppress_instrumentation", "suppress_language_model_instrumentation")
_PATHS = (_CHAT, "/completions", "/responses")


def hook_client(module):
    """Hooks `openai._base_client`."""
    hooked = _patch.wrap(module.SyncAPIClient, "request", _make_request)
    hooked = _patch.wrap(module.AsyncAPIClient, "request", _make_async_request) or hooked
    _log.debug("openai: hooked at the client's request" if hooked else "openai: no known hook point")


class Call(object):
    """One call of a model on its way."""

    def __init__(self, client, options, stream):
        self.collector = _collect.Collector()
        self.client = client
        self.streamed = stream
        self.path = _path_of(options)
        self.choices_asked = count_of((object_of(options.json_data) or {}).get("n")) or 1
        self.whole = not stream
        self.own = None
        self.held_end = None
        self.ended = False
        self.ended_at = None
        self.error = None
        self.seen = None
        self.unread = None
        self.process = os.getpid()
        span = spans.span_of_call()
        if span is None and records(self.path):
            made = own_span.start(self.path, options.json_data, stream)
            span = self.own = made if made.is_recording() else None
        self.span = span
        # Where the recorder may fail to end it, what was read is kept, to be written by us.
        self.assembled = stream and span is not None and spans.is_openai_span(span)
        self.flag = request_flag.Flag(client, options, self.path, stream) if span is not None else None
        if span is not None:
            spans.attach(span, self)

    # What `_attributes.write` reads.

    def __getattr__(self, name):
        return getattr(self.collector, name)

    def options(self, options):
        """What is sent: the options with all that is added to them, or the same object."""
        sent = self.flag.options(options)
        named = _patch.guarded("naming the span", trace_context.options, self.client, self.span, sent) or sent
        return _patch.guarded("preparing a call", self._with_reader, named) or named

    def _with_reader(self, options):
        """A structured reply that cannot be parsed becomes an exception: it is read before that."""
        parse = getattr(options, "post_parser", None)
        if self.streamed or not callable(parse):
            return options

        def read_and_parse(reply):
            _patch.guarded("reading a reply", self.reply, reply)
            return parse(reply)

        return request_flag.changed(options, post_parser=read_and_parse)

    def given(self, value):
        """Takes what the client returns, which is also what this returns."""
        _patch.guarded("reading a reply", self._read, value)
        return value

    def is_sent_again(self, error):
        """What the client raises: True where that is a refusal of the flag, without which the call is made again."""
        if isinstance(error, Exception) and self.flag.refused(error):
            return True
        _patch.guarded("ending a span", self.failed, error)
        return False

    def _read(self, value):
        if self.streamed:
            openai_stream.follow(value, self)
            return
        try:
            reply = openai_stream.parsed(value)
            if reply is None:
                self.unread = value
            self.reply(reply)
        finally:
            self.finish()

    def look_again(self):
        """At the end of the span: a raw response that the recorder has read meanwhile can be read here, too."""
        unread, self.unread = self.unread, None
        if unread is not None:
            self.collector.reply(openai_stream.parsed(unread))

    def reply(self, reply):
        """Takes a plain reply, once."""
        if self.ended or self.seen is not None:
            return
        self.seen = reply
        self.collector.reply(reply)

    def chunk(self, chunk):
        """Takes a frame; True when it is the answer to our own question and not for the program."""
        self.collector.chunk(chunk)
        if self.assembled:
            self.seen = own_span.assemble(self.seen, chunk)
        return self.flag is not None and self.flag.is_extra(chunk)

    def holds_end(self, span):
        """
        AgentOps ends the span of a stream before its first frame: chats in 0.4.15, completions from there on, raw
        responses up to 0.4.15. Such a span is ended with the stream.
        """
        if not self.streamed or self.collector.chunks or self.held_end or self.own or self.ended:
            return False
        if not spans.is_openai_span(span) or not getattr(getattr(span, "status", None), "is_ok", True):
            return False
        self.held_end = span
        return True

    def failed(self, error):
        self._over()
        self.error = error if self.own or self.held_end else (type(error).__name__, str(error))
        self._end()

    def finish(self):
        """The reply is whole."""
        self.whole = True
        self._over()
        self._end()

    def left(self):
        """
        Nothing will be read of the stream any more, so that a recorder which waits for its last frame would never end
        the span. In a process that was forked meanwhile the span is not ours to end.
        """
        if self.process != os.getpid():
            return
        self._over()
        self._end()
        span = self.span
        if self.assembled and span.is_recording() and spans.call_of(span) is self:
            self.held_end = span
            self._end()

    def is_partial(self):
        """The ids of the Responses API come with its last event."""
        if self.whole or self.path == "/responses":
            return False
        awaits = self.ids_come_last() and not self.collector.has_ids()
        return awaits or not self.collector.have_ended(self.choices_asked)

    def ids_come_last(self):
        return self.flag is not None and self.flag.gives_last()

    def _over(self):
        self.ended = True
        self.ended_at = self.ended_at or time.time_ns()

    def _end(self):
        span = self.own or self.held_end
        self.own = self.held_end = None
        if span is None:
            return
        error, self.error = self.error, None
        try:
            own_span.describe(span, self.seen)
            if error is None:
                own_span.succeed(span)
            else:
                own_span.fail(span, error)
        finally:
            span.end(self.ended_at)


def records(path):
    """
    Whether AgentOps records such calls here, so that one without a span is a gap to be filled: its versions make the
    span before the call. Those that record a response only afterwards are left alone.
    """
    if "agentops" not in sys.modules or not _is_wrapped("openai.resources.chat.completions", "Completions"):
        return False
    if path == "/responses" and "agentops.instrumentation.providers.openai.stream_wrapper" not in sys.modules:
        return False
    if path not in (_CHAT, "/responses"):
        return False
    from opentelemetry import context

    return not any(context.get_value(key) for key in _SUPPRESS)


def _is_wrapped(module, name):
    create = getattr(getattr(sys.modules.get(module), name, None), "__dict__", {}).get("create")
    # Not `isinstance`: what wraps a function may pass for one.
    return create is not None and type(create) is not types.FunctionType


def _path_of(options):
    path = str(getattr(options, "url", "")).split("?")[0].rstrip("/")
    for known in _PATHS:
        if path.endswith(known):
            return known
    return None


def _begin(client, options, kwargs):
    """The call that a request makes and that is recorded; None for any other."""
    if str(getattr(options, "method", "")).lower() != "post" or _path_of(options) is None:
        return None
    if "opentelemetry.sdk.trace" not in sys.modules:
        return None
    call = Call(client, options, bool(kwargs.get("stream", False)))
    return call if call.span is not None else None


def _make_request(request, is_active):
    def wrapper(self, cast_to, options, *args, **kwargs):
        call = _patch.guarded("preparing a call", _begin, self, options, kwargs) if is_active() else None
        if call is None:
            return request(self, cast_to, options, *args, **kwargs)
        while True:
            sent = call.options(options)
            try:
                return call.given(request(self, cast_to, sent, *args, **kwargs))
            except BaseException as error:
                if not call.is_sent_again(error):
                    raise

    return wrapper


def _make_async_request(request, is_active):
    async def wrapper(self, cast_to, options, *args, **kwargs):
        call = _patch.guarded("preparing a call", _begin, self, options, kwargs) if is_active() else None
        if call is None:
            return await request(self, cast_to, options, *args, **kwargs)
        while True:
            sent = call.options(options)
            try:
                return call.given(await request(self, cast_to, sent, *args, **kwargs))
            except BaseException as error:
                if not call.is_sent_again(error):
                    raise

    return wrapper
