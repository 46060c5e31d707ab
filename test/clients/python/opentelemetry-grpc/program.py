"""OpenTelemetry Python over OTLP/gRPC: the spans of the other program, and logs and metrics."""

# isort: off
import base64
import logging

import witness
import opentelemetry_scenario

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader


def watch_messages(exporter, kind):
    """Notes the bytes of every message that an exporter sends."""
    translate = exporter._translate_data

    def noted(self, data):
        message = translate(self, data)
        sent = base64.b64encode(message.SerializeToString()).decode()
        witness.note("message", {"kind": kind, "bytes": sent})
        return message

    exporter._translate_data = noted


witness.watch_warnings("opentelemetry.exporter")
watch_messages(OTLPLogExporter, "logs")
watch_messages(OTLPMetricExporter, "metrics")
resource = opentelemetry_scenario.resource

logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
logger = logs.get_logger("client.logs", "1.0")
logger.emit(
    LogRecord(
        timestamp=1_700_000_000_123_456_789,
        severity_number=SeverityNumber.WARN,
        severity_text="WARN",
        body={"häßlich": ["漢字", 1, None, b"\x00\xff"]},
        attributes={"largest": 2**63 - 1, "nested": {"a": [1, 2]}},
        event_name="client.event",
    )
)
logs.shutdown()

metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource)
meter = metrics.get_meter("client.metrics", "2.0")
meter.create_counter("calls", "1", "Calls so far").add(2**53 + 1, {"model": "m"})
meter.create_up_down_counter("open").add(-3)
meter.create_histogram("seconds", "s").record(0.25, {"tool": "ü"})
meter.create_gauge("load").set(0.1)
metrics.shutdown()

opentelemetry_scenario.run(OTLPSpanExporter())
