"""Prints which attributes of the libraries are not the same objects after the hooks were taken back."""

# isort: off
import witness

import os
import sys

import agentops

agentops.init()

import openai
import openai._legacy_response
import openai._response
from opentelemetry import trace

sys.path.append(os.environ["AGL_TEST_HOOKS"])
import agentlightning_hooks

WATCHED = ("agentops", "openai", "opentelemetry")
MISSING = object()


def held():
    """Every attribute of every module and class of these libraries."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in WATCHED:
            continue
        for key, value in list(vars(module).items()):
            found[name, key] = value
            # Not `isinstance`, for which proxies load what they stand for.
            if issubclass(type(value), type) and value.__module__.split(".")[0] in WATCHED:
                for member, inner in list(vars(value).items()):
                    found[name, key, member] = inner
    return found


def changed(before, after):
    keys = [key for key in before if after.get(key, MISSING) is not before[key]]
    # Pydantic and abstract classes complete themselves when they are used.
    return sorted(".".join(key) for key in keys if not key[-1].startswith(("_abc_", "__pydantic", "__signature__")))


client = openai.OpenAI(api_key="local", max_retries=0)


def call(name):
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "case " + name}])


call("before")
before = held()
limits = trace.get_tracer_provider()._span_limits
agentlightning_hooks.instrument_agentops()
once = held()
agentlightning_hooks.instrument_agentops()
print("TWICE", changed(once, held()))
print("HOOKED", len([key for key in changed(before, once)]))
call("hooked")
print("LIMIT", limits.max_span_attributes)
trace.get_tracer_provider().force_flush()
agentlightning_hooks.uninstrument_agentops()
after = held()
known = set(before)
print("CHANGED", changed(before, after))
print("ADDED", sorted(".".join(key) for key in after if key not in known and "__getattr__" in key))
print("LIMIT", limits.max_span_attributes)
call("after")
