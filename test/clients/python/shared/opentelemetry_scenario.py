"""Everything that a span of OpenTelemetry Python can carry, for whichever exporter is tested."""

# isort: off
import logging
import witness

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
)


# The limits below are meant to be hit.
logging.getLogger("opentelemetry.attributes").setLevel(logging.CRITICAL)
resource = Resource.create(
    {"service.name": "otel-python", "deployment.rank": 2**40, "zone": ["a", "ü"], "load": 0.1}
)
limits = SpanLimits(max_events=3, max_links=2, max_event_attributes=2, max_link_attributes=1)

every_type = {
    "text": "häßlich 漢字 🚀 \u0000 \u001b[31m \"quoted\" \\ \u2028",
    "empty": "",
    "long": "x" * 100_000,
    "yes": True,
    "no": False,
    "zero": 0,
    "small": -1,
    "beyond double": 2**53 + 1,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "pi": 3.141592653589793,
    "whole double": 3.0,
    "tiny": 5e-324,
    "huge": 1.7976931348623157e308,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "minus infinite": float("-inf"),
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "texts": ["a", "", "漢字"],
    "flags": [True, False],
    "ids": [0, 1, 2**53 + 1, -(2**63)],
    "doubles": [0.1, 2.0, float("inf")],
    "none": [],
    "key with . / ü": "key",
}


def run(exporter):
    """Makes all spans and hands them to `exporter`, which is shut down at the end."""
    provider = TracerProvider(resource=resource, span_limits=limits)
    witness.watch_spans(provider)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("client.test", "1.2.3-β", attributes={"scope.rank": 7})

    with tracer.start_as_current_span("every attribute type", attributes=every_type) as span:
        root_context = span.get_span_context()

    for kind in SpanKind:
        with tracer.start_as_current_span(f"kind {kind.name}", kind=kind) as outer:
            with tracer.start_as_current_span("child"):
                pass

    with tracer.start_as_current_span("events and links", links=[
        Link(root_context, {"why": "first"}),
        Link(SpanContext(2**128 - 1, 2**64 - 1, True, TraceFlags(1), TraceState([("vendor", "x"), ("other", "y")]))),
    ]) as span:
        span.add_event("plain")
        span.add_event("with attributes", {"count": 2**62, "raw": b"\x00\xff"}, timestamp=1_700_000_000_123_456_789)
        span.add_event("", {"no name": True})
        span.set_status(Status(StatusCode.OK))

    # More than the limits allow: the SDK drops some and counts them.
    with tracer.start_as_current_span("dropped", links=[Link(root_context, {"a": 1, "b": 2})] * 4) as span:
        for index in range(5):
            span.add_event(f"event {index}", {"a": 1, "b": 2, "c": 3})
        for index in range(200):
            span.set_attribute(f"attribute.{index}", index)

    try:
        with tracer.start_as_current_span("fails"):
            raise KeyError("häßlich")
    except KeyError:
        pass

    with tracer.start_as_current_span("says why") as span:
        span.set_status(Status(StatusCode.ERROR, "described: ☂"))

    remote = SpanContext(0x0AF7651916CD43DD8448EB211C80319C, 0x00F067AA0BA902B7, True, TraceFlags(1), TraceState([("rojo", "00f067aa0ba902b7")]))
    with tracer.start_as_current_span("remote parent", trace.set_span_in_context(NonRecordingSpan(remote))):
        with tracer.start_as_current_span("below the remote parent"):
            pass

    unversioned = provider.get_tracer("unversioned")
    start = 1_600_000_000_000_000_001
    unversioned.start_span("", start_time=start).end(end_time=start)
    provider.shutdown()
