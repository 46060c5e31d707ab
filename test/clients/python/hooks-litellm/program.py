"""LiteLLM with its OpenTelemetry callback, plain, streamed, with several choices and asynchronous, by two of its ways out."""

# isort: off
import witness

import asyncio
import json
import os
import time

import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.integrations.opentelemetry import OpenTelemetry, OpenTelemetryConfig

endpoint = os.environ["AGL_SERVER_URL"] + "/v1/traces"
callback = OpenTelemetry(config=OpenTelemetryConfig(exporter="otlp_http", endpoint=endpoint))
# Cases whose span was made, by the callbacks that make it.
told = {"sync": set(), "async": set()}


class Told(CustomLogger):
    """Comes after the callback, so that what it was told of has its span."""

    def log_success_event(self, kwargs, *_, **__):
        told["sync"].add(kwargs["messages"][0]["content"])

    async def async_log_success_event(self, kwargs, *_, **__):
        told["async"].add(kwargs["messages"][0]["content"])


litellm.callbacks = [callback, Told()]


def wait_seconds(kind, names):
    """How long to wait still for the spans of these cases, step by step, at most a minute."""
    end = time.monotonic() + 60
    while not {"case " + name for name in names} <= told[kind] and time.monotonic() < end:
        yield 0.1


def asked(name, provider, **more):
    return {
        "model": provider + "/m",
        "messages": [{"role": "user", "content": "case " + name}],
        "api_base": os.environ["OPENAI_BASE_URL"],
        "api_key": "local",
        "extra_body": {"return_token_ids": True},
        **more,
    }


def call(*names, **more):
    return litellm.completion(**asked(*names, **more))


async def asynchronous(provider):
    reply = await litellm.acompletion(**asked("async-" + provider, provider))
    seen.append(reply.choices[0].message.content)
    stream = await litellm.acompletion(**asked("async-stream-" + provider, provider, stream=True))
    seen.append("".join([chunk.choices[0].delta.content or "" async for chunk in stream]))
    # LiteLLM calls its callbacks in a task of this loop.
    for step in wait_seconds("async", ["async-" + provider, "async-stream-" + provider]):
        await asyncio.sleep(step)


seen = []
for provider in ("openai", "hosted_vllm"):
    seen.append(call("plain-" + provider, provider).choices[0].message.content)
    chunks = call("stream-" + provider, provider, stream=True)
    seen.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks))
    seen.append([choice.message.content for choice in call("n-" + provider, provider, n=3).choices])
    asyncio.run(asynchronous(provider))
print("SEEN " + json.dumps(["all", seen]), flush=True)

# LiteLLM calls the other callbacks from threads of its own.
for provider in ("openai", "hosted_vllm"):
    for step in wait_seconds("sync", [name + provider for name in ("plain-", "stream-", "n-")]):
        time.sleep(step)
from opentelemetry import trace

trace.get_tracer_provider().force_flush()
witness.note("end", True)
os._exit(0)
