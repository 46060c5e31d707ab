"""Hosts that libraries have written into their code are turned to the local server, or what goes there is switched off.

Only while a local server is known (AGL_SERVER_URL, or an AGENTOPS_API_ENDPOINT that is not AgentOps' own), and said
once each. AGL_HOOKS_HOSTS=0 leaves them as they are.
"""

import inspect
import os
import re
import sys

from . import _log, _patch

_AGENTOPS = re.compile(r"^https?://[\w.-]*agentops\.(ai|cloud)(?=[:/]|$)", re.IGNORECASE)


def local_server():
    """The base URL of the local server, or None."""
    if os.environ.get("AGL_HOOKS_HOSTS", "1") in ("0", "false", ""):
        return None
    server = os.environ.get("AGL_SERVER_URL") or os.environ.get("AGENTOPS_API_ENDPOINT") or ""
    return None if not server or _AGENTOPS.match(server) else server.rstrip("/")


def redirected(url, what):
    """The URL at the local server where it points at AgentOps; the same one otherwise."""
    server = local_server()
    if server is None or not isinstance(url, str) or not _AGENTOPS.match(url):
        return url
    _log.info_once("%s would go to %s; turned to %s" % (what, _AGENTOPS.match(url).group(0), server))
    return _AGENTOPS.sub(lambda _: server, url)


def hook_agentops_core(module):
    """AgentOps' metrics."""
    kind = getattr(module, "OTLPMetricExporter", None)
    if not isinstance(kind, type):
        return
    _patch.guarded("turning AgentOps' metrics", _turn_existing)

    def init(self, endpoint=None, *args, **kwargs):
        kind.__init__(self, redirected(endpoint, "AgentOps' metrics"), *args, **kwargs)

    _patch.put(module, "OTLPMetricExporter", type(kind.__name__, (kind,), {"__init__": init}))


def _turn_existing():
    """An exporter of metrics that was made before the hooks."""
    providers = getattr(sys.modules.get("opentelemetry.sdk.metrics"), "MeterProvider", None)
    for reader in list(getattr(providers, "_all_metric_readers", ())):
        exporter = getattr(reader, "_exporter", None)
        for holder in (exporter, getattr(exporter, "_client", None)):
            address = getattr(holder, "_endpoint", None)
            turned = redirected(address, "AgentOps' metrics")
            if turned != address:
                _patch.put(holder, "_endpoint", turned)


class _Requests(object):
    """The `requests` module, with addresses of AgentOps turned."""

    def __init__(self, requests):
        self._requests = requests

    def __getattr__(self, name):
        return getattr(self._requests, name)

    def get(self, url, *args, **kwargs):
        return self._requests.get(redirected(url, "agentops.validation"), *args, **kwargs)

    def post(self, url, *args, **kwargs):
        return self._requests.post(redirected(url, "agentops.validation"), *args, **kwargs)


def hook_agentops_validation(module):
    """`agentops.validation` reads spans back."""
    if hasattr(module, "requests"):
        _patch.put(module, "requests", _Requests(module.requests))
    # 0.4.18 asks through `requests`, later versions in a way of their own.
    if inspect.iscoroutinefunction(getattr(module, "get_jwt_token", None)):
        _patch.wrap(module, "get_jwt_token", _make_get_token)


def _make_get_token(get_token, is_active):
    async def wrapper(api_key=None):
        if not is_active() or local_server() is None:
            return await get_token(api_key)
        import asyncio

        given = api_key or os.environ.get("AGENTOPS_API_KEY") or "local"
        fetch = asyncio.get_running_loop().run_in_executor
        return await fetch(None, _patch.guarded, "asking for a token", _fetch_token, given)

    return wrapper


def _fetch_token(key):
    import requests

    url = redirected("https://api.agentops.ai/public/v1/auth/access_token", "agentops.validation")
    return requests.post(url, json={"api_key": key}, timeout=10).json().get("bearer")


def hook_agents_tracing(module):
    """The agents SDK sends traces of its own to OpenAI, with the user's key."""
    kind = getattr(module, "BackendSpanExporter", None)
    if kind is not None:
        for name in ("export", "_export_with_deadline"):
            _patch.wrap(kind, name, _make_export)


def _make_export(export, is_active):
    def wrapper(self, *args, **kwargs):
        away = "api.openai.com" in str(getattr(self, "endpoint", "api.openai.com"))
        if is_active() and away and local_server() is not None:
            _log.info_once("the agents SDK would send its traces to api.openai.com; switched off")
            return None
        return export(self, *args, **kwargs)

    return wrapper


def hook_litellm_agentops(module):
    """LiteLLM's `agentops` callback."""
    config = getattr(module, "AgentOpsConfig", None)
    if config is not None:
        _patch.wrap(config, "__init__", _make_config)


def _make_config(init, is_active):
    def wrapper(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if is_active():
            for name in ("endpoint", "auth_endpoint"):
                setattr(self, name, redirected(getattr(self, name, None), "LiteLLM's agentops callback"))

    return wrapper
