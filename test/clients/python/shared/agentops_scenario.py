"""What an agent program does with AgentOps, in the words that 0.4.13 to 0.4.21 share."""

import asyncio
import gc
import os

import agentops
import openai
from agentops.sdk.decorators import agent, operation, task, tool, trace, workflow

client = openai.OpenAI(max_retries=0)
weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@tool(name="weather", cost=0.05)
def look_up_weather(city):
    return {"city": city, "celsius": 21.5, "sky": "☀️ heiter"}


@tool
def broken_tool(reason):
    raise ValueError(f"no luck: {reason}")


@operation(name="add", version=2)
def add(a, b, *, note=None):
    return a + b


@operation
async def add_later(a, b):
    await asyncio.sleep(0.01)
    return a + b


@task
def numbers(count):
    for number in range(count):
        yield number


@agent
class Researcher:
    def __init__(self, name):
        self.name = name

    @operation
    def ask(self, question):
        """A plain call with every parameter that leaves a trace."""
        answer = client.chat.completions.create(
            model="echo-1",
            messages=[
                {"role": "system", "content": "You are brief."},
                {"role": "user", "content": question},
            ],
            temperature=0.25,
            max_tokens=64,
        )
        return answer.choices[0].message.content

    @operation
    def ask_streamed(self, question):
        stream = client.chat.completions.create(
            model="echo-1",
            messages=[{"role": "user", "content": question}],
            stream=True,
            stream_options={"include_usage": True},
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    @operation
    def ask_with_tool(self, question):
        messages = [{"role": "user", "content": question}]
        first = client.chat.completions.create(model="echo-1", messages=messages, tools=[weather])
        call = first.choices[0].message.tool_calls[0]
        found = look_up_weather("Zürich")
        messages += [
            first.choices[0].message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": str(found)},
        ]
        last = client.chat.completions.create(model="echo-1", messages=messages)
        return last.choices[0].message.content

    @operation
    def ask_in_vain(self, model):
        try:
            client.chat.completions.create(model=model, messages=[{"role": "user", "content": "hello?"}])
        except openai.APIStatusError as error:
            return f"status {error.status_code}"
        raise AssertionError("the stand-in should have refused")


@workflow(name="pipeline")
def pipeline():
    assert add(1, 2, note="häßlich 漢字 🚀") == 3
    try:
        broken_tool("as planned")
    except ValueError:
        print("the broken tool failed as planned")
    researcher = Researcher("Ada")
    print("plain:", researcher.ask("What is the answer?"))
    print("streamed:", researcher.ask_streamed("Say it slowly, “bitte” – 漢字 🚀"))
    print("tool:", researcher.ask_with_tool("How is the weather in Zürich?"))
    print("refused:", researcher.ask_in_vain("status-500"), researcher.ask_in_vain("status-429"))
    return {"done": True, "numbers": [1, 2.5, None]}


@operation
async def fan_out():
    return await asyncio.gather(*(add_later(i, i) for i in range(3)))


@trace(name="inner", tags=["inner", "nested"])
def inner_trace():
    return add(20, 22)


@trace(name="failing")
def failing_trace():
    raise RuntimeError("the trace fails as planned")


def run_nested():
    """Everything under the trace that `init` starts; the generator last, since it leaks its context."""
    print("hello from the program: häßlich 漢字 🚀")
    pipeline()
    # A decorated class ends its span when its object is finalised. The errors above hold frames in cycles, and a
    # span that ends only after the exporter was shut down is one that the client never sends.
    gc.collect()
    print("gathered:", asyncio.run(fan_out()))
    inner_trace()
    try:
        failing_trace()
    except RuntimeError:
        print("the trace failed as planned")
    assert list(numbers(3)) == [0, 1, 2]


def run_separate(end_states):
    """One trace after the other, each with its own id."""
    for index, state in enumerate(end_states):
        context = agentops.start_trace(f"separate-{index}", tags={"index": index, "state": str(state)})
        add(index, 1)
        print(f"inside separate-{index}")
        agentops.end_trace(context, state)
    inner_trace()
    try:
        failing_trace()
    except RuntimeError:
        print("the trace failed as planned")


def mode():
    """`nested` or `separate`, as the test asks."""
    return os.environ["AGL_TEST_MODE"]
