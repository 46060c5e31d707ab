"""Notes what a client program really did, for the test that started it.

Each note is one line of JSON in the file named by AGL_TEST_WITNESS: a host looked up or an address connected
to, a span that ended, a warning that was logged. Only loopback can be reached: everything else is noted, then
fails as it would on a machine without a network. Import this before anything that could open a connection.
"""

import base64
import ipaddress
import json
import logging
import os
import socket
import sys
import threading

_lock = threading.Lock()
_file = open(os.environ["AGL_TEST_WITNESS"], "a", encoding="utf-8")


def note(kind, value):
    """Appends one note; it is with the system before this returns."""
    with _lock:
        _file.write(json.dumps({"note": kind, "value": value}) + "\n")
        _file.flush()


def _is_loopback(host):
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text(host):
    return host.decode() if isinstance(host, bytes) else str(host or "")


def _audit(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = _text(arguments[0])
        note("lookup", {"host": host, "port": str(arguments[1]) if len(arguments) > 1 else ""})
        if not _is_loopback(host):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and len(address) >= 2:
            note("connect", {"host": _text(address[0]), "port": str(address[1])})
            if not _is_loopback(_text(address[0])):
                raise OSError(101, "Network is unreachable")


sys.addaudithook(_audit)


class _Warnings(logging.Handler):
    def emit(self, record):
        note("warning", f"{record.levelname} {record.name}: {record.getMessage()}")


def watch_warnings(*names):
    """Notes what these loggers say at WARNING or above, wherever they print it."""
    for name in names:
        logging.getLogger(name).addHandler(_Warnings(level=logging.WARNING))


def watch_spans(provider):
    """Notes every span that ends, in the form in which the OTLP exporter sends it."""
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace import SpanProcessor

    def as_hex(message, *keys):
        for key in keys:
            if key in message:
                message[key] = base64.b64decode(message[key]).hex()

    class Witness(SpanProcessor):
        def on_end(self, span):
            if not span.context.trace_flags.sampled:
                return
            sent = MessageToDict(encode_spans([span]), use_integers_for_enums=True)["resourceSpans"][0]
            scope_spans = sent["scopeSpans"][0]
            message = scope_spans["spans"][0]
            as_hex(message, "traceId", "spanId", "parentSpanId")
            for link in message.get("links", []):
                as_hex(link, "traceId", "spanId")
            note(
                "span",
                {
                    "span": message,
                    "resource": sent.get("resource", {}),
                    "scope": scope_spans.get("scope", {}),
                },
            )

    provider.add_span_processor(Witness())


def watch_signals():
    """Notes the bytes of every message of logs and metrics that the OTLP exporters make, HTTP and gRPC."""
    from importlib import import_module

    def watched(module, name, kind):
        encode = getattr(module, name)

        def noted(*arguments, **options):
            message = encode(*arguments, **options)
            sent = base64.b64encode(message.SerializeToString()).decode()
            note("message", {"kind": kind, "bytes": sent})
            return message

        setattr(module, name, noted)

    for protocol in ("http", "grpc"):
        package = f"opentelemetry.exporter.otlp.proto.{protocol}"
        watched(import_module(f"{package}._log_exporter"), "encode_logs", "logs")
        watched(import_module(f"{package}.metric_exporter"), "encode_metrics", "metrics")


def watch_requests():
    """Notes every request that goes out through `requests`, in the form in which it is sent."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def noted(self, request, *arguments, **options):
        response = send(self, request, *arguments, **options)
        body = request.body.decode("utf-8") if isinstance(request.body, bytes) else request.body
        answer = {"status": response.status_code, "text": response.text}
        note("request", {"method": request.method, "url": request.url, "body": body, "answer": answer})
        return response

    HTTPAdapter.send = noted
