"""Makes chat calls whose replies come out of memory, and prints the CPU milliseconds that one takes.

usage: hooked_calls.py CALLS recorded|bare
"""

import json
import sys
import time

import httpx
import openai

calls, mode = int(sys.argv[1]), sys.argv[2]
if mode == "recorded":
    from agentops.instrumentation.providers.openai.instrumentor import OpenaiInstrumentor
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    trace.set_tracer_provider(TracerProvider())
    OpenaiInstrumentor().instrument()

body = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "prompt_token_ids": list(range(1000)),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "word " * 200},
                "finish_reason": "stop",
                "token_ids": list(range(200)),
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }
).encode()
transport = httpx.MockTransport(
    lambda request: httpx.Response(200, content=body, headers={"content-type": "application/json"})
)
client = openai.OpenAI(api_key="k", base_url="http://127.0.0.1:1/v1", http_client=httpx.Client(transport=transport))
messages = [{"role": "user", "content": "hello"}]


def run(count):
    for _ in range(count):
        client.chat.completions.create(model="m", messages=messages)


run(min(50, calls))
before = time.process_time()
run(calls)
print((time.process_time() - before) * 1000 / calls)
