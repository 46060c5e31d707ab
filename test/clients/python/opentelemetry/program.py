"""OpenTelemetry Python with everything that a span can carry, over OTLP/HTTP with protobuf."""

# isort: off
import witness
import opentelemetry_scenario

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

witness.watch_warnings("opentelemetry.exporter")
opentelemetry_scenario.run(OTLPSpanExporter())
