"""Tells our gateway which span a call is, so that what it records is joined to the span also where there is no reply
with an id: a failed call, a stream that broke off. In the header of W3C Trace Context, and to no other server.
"""

from . import request_flag

_HEADER = "traceparent"


def options(client, span, options):
    """The options with the header; the same object where it does not belong or the program sends its own."""
    if not request_flag.is_gateway(request_flag.address_of(client)):
        return options
    given = dict(options.headers) if hasattr(options.headers, "keys") else {}
    own = list(given) + list(getattr(client, "_custom_headers", None) or {})
    if any(str(name).lower() == _HEADER for name in own):
        return options
    context = span.get_span_context()
    if not context.is_valid:
        return options
    given[_HEADER] = "00-%032x-%016x-%02x" % (context.trace_id, context.span_id, context.trace_flags & 1)
    return request_flag.changed(options, headers=given)
