"""Replies as the `openai` SDK returns them: parsed, raw, or as a stream whose frames are looked at in passing."""

from . import _log, _patch, open_streams


def parsed(value):
    """The reply in what a plain call returned; a raw response keeps what it parsed, so nothing is done twice."""
    parse = getattr(value, "parse", None)
    if parse is None or not hasattr(value, "http_response"):
        return value
    response = value.http_response
    if getattr(response, "is_stream_consumed", True) or getattr(response, "_content", None) is not None:
        return response.json()
    # The program asked for the bytes as they come; reading them here would take them away.
    return None


def follow(value, call):
    """Looks at the frames of a stream as the program takes them."""
    if hasattr(value, "_iterator"):
        _tee(value, call)
    elif hasattr(value, "parse") and hasattr(value, "http_response"):
        _follow_raw(value, call)
    else:
        _log.debug("openai: a stream of unknown form (%s) is not read", type(value).__name__)


def hook_raw(module):
    """Hooks `openai._legacy_response` and `openai._response`: a raw response is asked for its stream."""
    for name in ("LegacyAPIResponse", "APIResponse", "AsyncAPIResponse"):
        kind = module.__dict__.get(name)
        if kind is not None:
            _patch.wrap(kind, "parse", _make_async_parse if name == "AsyncAPIResponse" else _make_parse)


def _follow_raw(raw, call):
    raw._agl_call = call
    open_streams.watch(raw, call)


def _make_parse(parse, is_active):
    def wrapper(self, *args, **kwargs):
        return _follow_parsed(self, parse(self, *args, **kwargs), is_active)

    return wrapper


def _make_async_parse(parse, is_active):
    async def wrapper(self, *args, **kwargs):
        return _follow_parsed(self, await parse(self, *args, **kwargs), is_active)

    return wrapper


def _follow_parsed(raw, stream, is_active):
    call = raw.__dict__.get("_agl_call")
    if call is not None and is_active() and hasattr(stream, "_iterator") and not hasattr(stream, "_agl_followed"):
        _patch.guarded("following a stream", _tee, stream, call)
    return stream


def _tee(stream, call):
    open_streams.watch(stream, call)
    inner = stream._iterator
    stream._iterator = (_AsyncFrames if hasattr(inner, "__anext__") else _Frames)(inner, call)
    stream._agl_followed = True


class _Frames(object):
    """The frames of a stream. No generator: its end would be one more thing for the interpreter to finish."""

    def __init__(self, inner, call):
        self._inner = inner
        self._call = call

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            try:
                chunk = next(self._inner)
            except BaseException as error:
                self._over(error)
                raise
            if not _patch.guarded("reading a frame", self._call.chunk, chunk):
                return chunk

    def _over(self, error):
        if isinstance(error, (StopIteration, StopAsyncIteration)):
            _patch.guarded("ending a span", self._call.finish)
        else:
            _patch.guarded("ending a span", self._call.failed, error)


class _AsyncFrames(_Frames):
    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            try:
                chunk = await self._inner.__anext__()
            except BaseException as error:
                self._over(error)
                raise
            if not _patch.guarded("reading a frame", self._call.chunk, chunk):
                return chunk
