"""LiteLLM with its OpenTelemetry callback, plain, streamed and with several choices, by two of its ways out."""

# isort: off
import witness

import json
import os
import time

import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.integrations.opentelemetry import OpenTelemetry, OpenTelemetryConfig

endpoint = os.environ["AGL_SERVER_URL"] + "/v1/traces"
callback = OpenTelemetry(config=OpenTelemetryConfig(exporter="otlp_http", endpoint=endpoint))
told = []


class Told(CustomLogger):
    """Comes after the callback, so that what it was told of has its span."""

    def log_success_event(self, *_, **__):
        told.append(True)


litellm.callbacks = [callback, Told()]


def call(name, provider, **more):
    return litellm.completion(
        model=provider + "/m",
        messages=[{"role": "user", "content": "case " + name}],
        api_base=os.environ["OPENAI_BASE_URL"],
        api_key="local",
        extra_body={"return_token_ids": True},
        **more
    )


seen = []
for provider in ("openai", "hosted_vllm"):
    seen.append(call("plain-" + provider, provider).choices[0].message.content)
    chunks = call("stream-" + provider, provider, stream=True)
    seen.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks))
    seen.append([choice.message.content for choice in call("n-" + provider, provider, n=3).choices])
print("SEEN " + json.dumps(["all", seen]), flush=True)

# LiteLLM calls its callbacks from threads of its own.
end = time.monotonic() + 60
while len(told) < len(seen) and time.monotonic() < end:
    time.sleep(0.1)
from opentelemetry import trace

trace.get_tracer_provider().force_flush()
witness.note("end", True)
os._exit(0)
