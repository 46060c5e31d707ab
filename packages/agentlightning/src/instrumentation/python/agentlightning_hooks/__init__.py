"""Token ids of model calls on the spans that AgentOps (or another OpenTelemetry instrumentation) records.

    import agentlightning_hooks
    agentlightning_hooks.instrument_agentops()     # before or after agentops.init()
    agentlightning_hooks.uninstrument_agentops()

Nothing is imported until the program itself imports a library that is hooked, so a program without any of them
pays for one dictionary look-up per import. Settings, all optional: AGL_SERVER_URL, AGL_HOOKS_DEBUG=1,
AGL_HOOKS_REQUEST_FLAG=0, AGL_HOOKS_HOSTS=0.
"""

from . import _importhook

__all__ = ["instrument_agentops", "is_instrumented", "uninstrument_agentops"]

# Module that is hooked -> (module of this package, function called with the module once it is executed).
_TARGETS = {
    "opentelemetry.sdk.trace": ("spans", "hook_sdk"),
    "openai._base_client": ("openai_calls", "hook_client"),
    "openai._legacy_response": ("openai_stream", "hook_raw"),
    "openai._response": ("openai_stream", "hook_raw"),
    "agentops": ("agentops_versions", "hook_package"),
    "agentops.instrumentation.providers.openai.wrappers.chat": ("agentops_chat", "hook_chat_attributes"),
    "agentops.instrumentation.providers.openai.stream_wrapper": ("agentops_chat", "hook_stream_wrapper"),
    "agentops.instrumentation.openai.wrappers.chat": ("agentops_chat", "hook_chat_attributes"),
    "opentelemetry.instrumentation.openai.shared.chat_wrappers": ("agentops_chat", "hook_chat_wrappers"),
    "agentops.sdk.exporters": ("exporter_fix", "hook_exporters"),
    "agentops.sdk.core": ("hosts", "hook_agentops_core"),
    "agentops.validation": ("hosts", "hook_agentops_validation"),
    "agents.tracing.processors": ("hosts", "hook_agents_tracing"),
    "litellm.integrations.agentops.agentops": ("hosts", "hook_litellm_agentops"),
    "litellm.integrations.opentelemetry": ("litellm", "hook_opentelemetry"),
    "litellm.litellm_core_utils.streaming_handler": ("litellm", "hook_streaming"),
    "litellm.llms.openai.chat.gpt_transformation": ("litellm", "hook_parser"),
    "opentelemetry.instrumentation.auto_instrumentation": ("launchers", "hook_opentelemetry"),
}


def instrument_agentops():
    """Hooks every library that is or will be imported. Calling it again changes nothing. Returns True."""
    _importhook.install(__name__, _TARGETS)
    return True


def uninstrument_agentops():
    """Takes everything back. Returns False when nothing was hooked."""
    return _importhook.uninstall()


def is_instrumented():
    """True between `instrument_agentops()` and `uninstrument_agentops()`."""
    return _importhook.installed()
