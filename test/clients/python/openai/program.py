"""Every kind of call that a model server is asked, by the client of OpenAI: one line of JSON for each, with what the
program sees. The address comes from OPENAI_BASE_URL."""

import asyncio
import json

import openai

hello = [{"role": "user", "content": "hello world"}]
weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string"}},
        },
    },
}
calls = {
    "plain": {},
    "three choices": {"n": 3, "temperature": 1, "seed": 5},
    "tools": {"tools": [weather]},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "one character of four tokens": {"extra_body": {"chat_template_kwargs": {"smile": True}}},
    "an error": {"messages": "none"},
}


def request(more, stream):
    asked = {"model": "tiny", "messages": hello, "temperature": 0, "seed": 1, "max_tokens": 24, **more}
    return {**asked, "stream": True} if stream else asked


def told(name, stream, value):
    print(json.dumps({"call": name, "stream": stream, "saw": value}))


def failure(error):
    return {"status": error.status_code, "message": error.message}


def seen(chunks):
    """What a reader of a stream collects by choice."""
    choices = {}
    for chunk in chunks:
        for choice in chunk.choices:
            one = choices.setdefault(choice.index, {"content": "", "arguments": "", "names": [], "logprobs": []})
            one["content"] += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                one["arguments"] += call.function.arguments or ""
                one["names"] += [call.function.name] if call.function.name else []
            one["logprobs"] += [round(token.logprob, 4) for token in (choice.logprobs and choice.logprobs.content) or []]
            one["finish_reason"] = choice.finish_reason or one.get("finish_reason")
    return choices


def whole(reply):
    kept = reply.model_dump(mode="json", include={"choices", "usage", "model", "object"})
    kept["usage"].pop("prompt_tokens_details", None)
    for choice in kept["choices"]:
        for call in choice["message"].get("tool_calls") or []:
            call.pop("id")
        # The last digits depend on what else the server computes in the same batch.
        for token in (choice["logprobs"] or {}).get("content") or []:
            token["logprob"] = round(token["logprob"], 4)
            token["top_logprobs"] = [round(other["logprob"], 4) for other in token["top_logprobs"]]
    return kept


def sync():
    client = openai.OpenAI(api_key="sk-mine", max_retries=0)
    for name, more in calls.items():
        for stream in (False, True):
            try:
                reply = client.chat.completions.create(**request(more, stream))
                told(name, stream, seen(list(reply)) if stream else whole(reply))
            except openai.APIStatusError as error:
                told(name, stream, failure(error))


async def in_parallel():
    client = openai.AsyncOpenAI(api_key="sk-mine", max_retries=0)

    async def one(name, more, stream):
        try:
            reply = await client.chat.completions.create(**request(more, stream))
            return seen([chunk async for chunk in reply]) if stream else whole(reply)
        except openai.APIStatusError as error:
            return failure(error)

    asked = [(f"{name}, async", more, stream) for name, more in calls.items() for stream in (False, True)]
    for (name, _, stream), saw in zip(asked, await asyncio.gather(*(one(*each) for each in asked))):
        told(name, stream, saw)


sync()
asyncio.run(in_parallel())
