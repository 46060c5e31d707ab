"""Every kind of model call, by a program that knows nothing of the hooks; what it sees of the replies is printed."""

# isort: off
import witness

import asyncio
import json
import os
import sys
from typing import Literal

import agentops

agentops.init(trace_name="hooks")
witness.watch_warnings("agentops", "opentelemetry")

import openai
from opentelemetry import trace
from pydantic import BaseModel

witness.watch_spans(trace.get_tracer_provider())

if os.environ.get("AGL_TEST_BY_HAND"):
    import agentlightning_hooks

    agentlightning_hooks.instrument_agentops()

if os.environ.get("AGL_TEST_BREAK"):
    from agentlightning_hooks import _collect, request_flag

    def broken(*arguments):
        raise RuntimeError("broken on purpose")

    _collect.Collector._read = broken
    request_flag.Flag.options = lambda self, options: options
    request_flag.Flag.is_extra = broken

options = {"api_key": "local", "max_retries": 0}
client = openai.OpenAI(**options)
async_client = openai.AsyncOpenAI(**options)
TOOLS = [
    {"type": "function", "function": {"name": name, "description": "d", "parameters": {"type": "object"}}}
    for name in ("get_weather", "b", "c", "d")
]


# Real servers want a model of theirs and an end of their replies, and refuse in their own way.
BASE = json.loads(os.environ.get("AGL_TEST_REQUEST", '{"model": "m"}'))
REFUSED = json.loads(os.environ.get("AGL_TEST_REFUSED", '{"model": "status-500"}'))


class Answer(BaseModel):
    answer: Literal[7]


def request(name, **more):
    return {**BASE, "messages": [{"role": "user", "content": "case " + name}], **more}


def structured(name):
    """Room for all the spaces that a server may put between what it has to say."""
    return request(name, response_format=Answer, max_tokens=160)


def turns(count):
    messages = [{"role": "user", "content": "case turns-%d" % count}]
    for at in range(count):
        call = {"id": "t%d" % at, "type": "function", "function": {"name": "b", "arguments": "{}"}}
        messages.append({"role": "assistant", "content": "calling", "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": "t%d" % at, "content": "done"})
    return {**BASE, "messages": messages, "tools": TOOLS}


def seen(reply):
    """What the program sees of a reply."""
    return [
        [choice.index, choice.message.content, [call.function.name for call in choice.message.tool_calls or []]]
        for choice in reply.choices
    ]


def seen_chunks(chunks):
    texts = {}
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    return sorted(texts.items())


def parse_of(client):
    chat = client.chat.completions
    return chat.parse if hasattr(chat, "parse") else client.beta.chat.completions.parse


def case(name, call):
    try:
        result = call()
    except Exception as error:
        result = [type(error).__name__, str(error)]
    print("SEEN " + json.dumps([name, result]))


async def async_case(name, call):
    try:
        result = await call()
    except Exception as error:
        result = [type(error).__name__, str(error)]
    print("SEEN " + json.dumps([name, result]))


create = client.chat.completions.create
raw = client.chat.completions.with_raw_response.create
case("plain", lambda: seen(create(**request("plain"))))
case("stream", lambda: seen_chunks(create(**request("stream", stream=True))))
case("raw", lambda: seen(raw(**request("raw")).parse()))
case("n", lambda: seen(create(**request("n", n=3))))
case("n-stream", lambda: seen_chunks(create(**request("n-stream", n=3, stream=True))))
case("tools", lambda: seen(create(**request("tools", tools=TOOLS))))
case("tools-stream", lambda: seen_chunks(create(**request("tools-stream", tools=TOOLS, stream=True))))
case("error", lambda: seen(create(**dict(request("error"), **REFUSED))))
case("parse", lambda: parse_of(client)(**structured("parse")).choices[0].message.parsed.answer)


case("logprobs", lambda: seen(create(**request("logprobs", logprobs=True, top_logprobs=2))))


def cut():
    """A structured reply that ends too early for the parser, on servers that keep to the limit."""
    asked = request("parse-cut", response_format=Answer, max_tokens=3)
    return parse_of(client)(**asked).choices[0].message.parsed.answer


case("parse-cut", cut)


def beside():
    """A structured call while a stream is open, which AgentOps leaves current."""
    stream = iter(create(**request("open", stream=True)))
    first = next(stream)
    parsed = parse_of(client)(**structured("beside")).choices[0].message.parsed.answer
    return [parsed, seen_chunks([first] + list(stream))]


case("beside", beside)
for count in (13, 15, 20):
    case("turns-%d" % count, lambda: seen(create(**turns(count))))


async def asynchronous():
    create = async_client.chat.completions.create
    raw = async_client.chat.completions.with_raw_response.create

    async def plain():
        return seen(await create(**request("async")))

    async def stream():
        return seen_chunks([chunk async for chunk in await create(**request("async-stream", stream=True))])

    async def raw_response():
        return seen((await raw(**request("async-raw"))).parse())

    async def parse():
        reply = await parse_of(async_client)(**structured("async-parse"))
        return reply.choices[0].message.parsed.answer

    async def error():
        return seen(await create(**dict(request("async-error"), **REFUSED)))

    await async_case("async", plain)
    await async_case("async-stream", stream)
    await async_case("async-raw", raw_response)
    await async_case("async-parse", parse)
    await async_case("async-error", error)
    both = await asyncio.gather(create(**request("gather-a")), create(**request("gather-b", n=3)))
    print("SEEN " + json.dumps(["gather", [seen(reply) for reply in both]]))


asyncio.run(asynchronous())

if hasattr(client.chat.completions, "stream") and os.environ.get("AGL_TEST_HELPER"):

    def helper():
        with client.chat.completions.stream(**request("helper")) as stream:
            for _ in stream:
                pass
            return seen(stream.get_final_completion())

    case("helper", helper)

hooks = sys.modules.get("agentlightning_hooks")
if hooks is not None:
    # What a mended exporter still has to send goes out while it is mended.
    trace.get_tracer_provider().force_flush()
    hooks.uninstrument_agentops()
case("after", lambda: seen(create(**request("after"))))
from opentelemetry.sdk import trace as sdk

left = [sdk.Span.start, sdk.Span.end, sdk.SpanLimits.__init__, openai._base_client.SyncAPIClient.request]
print("LEFT " + json.dumps([each.__qualname__ for each in left if hasattr(each, "_agl_state")]))
