"""Replies as the `openai` SDK returns them: parsed, raw, or as a stream whose frames are looked at in passing."""

from . import _log, _patch


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


def _follow_raw(raw, call):
    parse = raw.parse

    def follow_parsed(stream):
        if hasattr(stream, "_iterator") and not hasattr(stream, "_agl_followed"):
            _patch.guarded("following a stream", _tee, stream, call)
        return stream

    def parse_and_follow(*args, **kwargs):
        stream = parse(*args, **kwargs)
        if hasattr(stream, "__await__"):
            return _awaited(stream, follow_parsed)
        return follow_parsed(stream)

    raw.parse = parse_and_follow


async def _awaited(coming, follow_parsed):
    return follow_parsed(await coming)


def _tee(stream, call):
    inner = stream._iterator
    stream._iterator = _frames_async(inner, call) if hasattr(inner, "__anext__") else _frames(inner, call)
    stream._agl_followed = True


def _frames(inner, call):
    try:
        for chunk in inner:
            if not _patch.guarded("reading a frame", call.chunk, chunk):
                yield chunk
    except Exception as error:
        _patch.guarded("ending a span", call.failed, error)
        raise
    finally:
        _patch.guarded("ending a span", call.finish)
        close = getattr(inner, "close", None)
        if close is not None:
            close()


async def _frames_async(inner, call):
    try:
        async for chunk in inner:
            if not _patch.guarded("reading a frame", call.chunk, chunk):
                yield chunk
    except Exception as error:
        _patch.guarded("ending a span", call.failed, error)
        raise
    finally:
        _patch.guarded("ending a span", call.finish)
        close = getattr(inner, "aclose", None)
        if close is not None:
            await close()
