"""AgentOps 0.4.19 to 0.4.21 export no span with OpenTelemetry's OTLP exporter 1.45 or later: they read `_headers` and
`_session` of the exporter, which it has no more. Both are given back, as views of what took their place.
"""

from . import _log, _patch


def hook_exporters(module):
    """Hooks `agentops.sdk.exporters`; exporters that were made before are mended as well."""
    kind = getattr(module, "AuthenticatedOTLPExporter", None)
    if kind is not None and not hasattr(kind, "__getattr__"):
        _patch.put(kind, "__getattr__", _missing)


class _Session(object):
    """What the SDK uses of a session: the headers of the next request."""

    def __init__(self, headers):
        self.headers = headers


def _missing(self, name):
    headers = None
    if name in ("_headers", "_session"):
        headers = getattr(self.__dict__.get("_client"), "_headers", None)
    if not isinstance(headers, dict):
        raise AttributeError("%r object has no attribute %r" % (type(self).__name__, name))
    _log.info_once("AgentOps' exporter is mended for this version of OpenTelemetry; without it no span is exported")
    return _Session(headers) if name == "_session" else dict(headers)
