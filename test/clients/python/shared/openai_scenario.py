"""Every kind of model call that the client of OpenAI offers, for whichever instrumentation is tested."""

import asyncio
import json

import openai
from pydantic import BaseModel

client = openai.OpenAI(max_retries=0)

weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Looks out of the window.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Report(BaseModel):
    city: str
    degrees: int


def plain():
    answer = client.chat.completions.create(
        model="deep-1",
        messages=[
            {"role": "system", "content": "You are brief."},
            {"role": "user", "content": "What is the answer? 漢字 🚀"},
        ],
        temperature=0.5,
        top_p=0.9,
        max_tokens=64,
        seed=7,
        user="ada",
    )
    return answer.choices[0].message.content


def streamed():
    chunks = client.chat.completions.create(
        model="echo-1",
        messages=[{"role": "user", "content": "Say it slowly, häßlich"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def with_parts():
    """A message of several parts, one of them an image."""
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://images.invalid/cat.png"}},
    ]
    client.chat.completions.create(model="echo-1", messages=[{"role": "user", "content": content}])


def ask_for_call(question):
    """A turn that ends in a call of a tool; returns the conversation so far and the call."""
    messages = [{"role": "user", "content": question}]
    answer = client.chat.completions.create(
        model="echo-1", messages=messages, tools=[weather], tool_choice="auto"
    )
    message = answer.choices[0].message
    messages.append(message.model_dump(exclude_none=True))
    return messages, message.tool_calls[0]


def ask_for_streamed_call(question):
    """The same streamed: the instrumentation has to gather the call from its pieces."""
    chunks = client.chat.completions.create(
        model="echo-1", messages=[{"role": "user", "content": question}], tools=[weather], stream=True
    )
    return sum(1 for _ in chunks)


def tell_result(messages, call, result):
    messages = [*messages, {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}]
    answer = client.chat.completions.create(model="echo-1", messages=messages, tools=[weather])
    return answer.choices[0].message.content


def two_choices():
    answer = client.chat.completions.create(
        model="echo-1", messages=[{"role": "user", "content": "Twice, please"}], n=2
    )
    return len(answer.choices)


def structured():
    answer = client.chat.completions.parse(
        model="echo-1", messages=[{"role": "user", "content": "Report as JSON"}], response_format=Report
    )
    return answer.choices[0].message.parsed.degrees


async def later():
    async with openai.AsyncOpenAI(max_retries=0) as own:
        answer = await own.chat.completions.create(
            model="echo-1", messages=[{"role": "user", "content": "Asked in async"}]
        )
    return answer.choices[0].message.content


def refused():
    try:
        client.chat.completions.create(model="status-500", messages=[{"role": "user", "content": "hello?"}])
    except openai.APIStatusError as error:
        return error.status_code


def embedded():
    answer = client.embeddings.create(model="embed-1", input=["one text", "another text here"])
    return len(answer.data)


def responses():
    """The Responses API: a text, a stream, a call of a tool."""
    plain = client.responses.create(
        model="echo-1", instructions="You are brief.", input="Asked through responses"
    )
    stream = client.responses.create(model="echo-1", input="Streamed through responses", stream=True)
    for _ in stream:
        pass
    tool = {"type": "function", **weather["function"]}
    called = client.responses.create(
        model="echo-1", input=[{"role": "user", "content": "Is it warm?"}], tools=[tool]
    )
    return plain.output_text, called.output[0].name


def calls():
    """All calls that need no span around them."""
    print("plain:", plain())
    print("streamed:", streamed())
    with_parts()
    print("streamed call:", ask_for_streamed_call("And tomorrow?"))
    print("choices:", two_choices())
    print("degrees:", structured())
    print("async:", asyncio.run(later()))
    print("refused:", refused())
    print("embedded:", embedded())
    print("responses:", *responses())
