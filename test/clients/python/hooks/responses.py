"""Responses and completions, plain, streamed and asynchronous, of recordings that the model names."""

# isort: off
import witness

import asyncio
import json

import agentops

agentops.init()

import openai

options = {"api_key": "local", "max_retries": 0}
client = openai.OpenAI(**options)
async_client = openai.AsyncOpenAI(**options)
# What vLLM is asked with for ids of a response.
RAW = {"input": "hello", "extra_body": {"enable_response_messages": True}}


def recording(name):
    return "vllm-0.32.0/" + name


def see(name, value):
    print("SEEN " + json.dumps([name, value]))


def text_of(chunks):
    return "".join(chunk.choices[0].text for chunk in chunks)


async def asynchronous():
    reply = await async_client.responses.create(model=recording("responses-raw"), **RAW)
    see("async-response", reply.output_text)
    stream = await async_client.responses.create(model=recording("responses-raw-stream"), stream=True, **RAW)
    see("async-response-stream", [event.type async for event in stream])
    reply = await async_client.completions.create(model=recording("completions-ids"), prompt="hello")
    see("async-completion", reply.choices[0].text)


see("response", client.responses.create(model=recording("responses-raw"), **RAW).output_text)
events = client.responses.create(model=recording("responses-raw-stream"), stream=True, **RAW)
see("response-stream", [event.type for event in events])
completions = client.completions
see("completion", completions.create(model=recording("completions-ids"), prompt="hello").choices[0].text)
streamed = completions.create(model=recording("completions-stream-ids"), prompt="hello", stream=True)
see("completion-stream", text_of(streamed))
asyncio.run(asynchronous())
