"""What an agent program does with AgentOps before 0.4, in the words that 0.2.6 to 0.3.26 share."""

import asyncio

import agentops
import openai
from agentops import ActionEvent, ErrorEvent, LLMEvent, ToolEvent, record_function, track_agent

client = openai.OpenAI(max_retries=0)
weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@record_function("add")
def add(a, b):
    return a + b


@record_function("add later")
async def add_later(a, b):
    await asyncio.sleep(0.01)
    return a + b


@record_function("broken")
def broken(reason):
    raise ValueError(f"no luck: {reason}")


@track_agent(name="Ada")
class Researcher:
    def ask(self, question):
        answer = client.chat.completions.create(
            model="echo-1",
            messages=[
                {"role": "system", "content": "You are brief."},
                {"role": "user", "content": question},
            ],
        )
        return answer.choices[0].message.content

    def ask_streamed(self, question):
        stream = client.chat.completions.create(
            model="echo-1", messages=[{"role": "user", "content": question}], stream=True
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    def ask_with_tool(self, question):
        answer = client.chat.completions.create(
            model="echo-1", messages=[{"role": "user", "content": question}], tools=[weather]
        )
        return answer.choices[0].message.tool_calls[0].function.name


def ask_in_vain():
    try:
        client.chat.completions.create(
            model="status-500", messages=[{"role": "user", "content": "hello?"}]
        )
    except openai.APIStatusError as error:
        print("refused:", error.status_code)


def record_by_hand(record):
    """Every class of event that a program can record itself, and one with a type of its own."""
    action = ActionEvent(action_type="ping", params={"n": 1, "city": "Zürich 漢字 🚀"}, returns=2, logs="by hand")
    record(action)
    record(ActionEvent("free text", params=[1, 2.5, None]))
    record(ToolEvent(name="search", params={"q": "x"}, returns={"hits": [1, 2]}, logs={"took": 0.5}))
    record(
        LLMEvent(
            prompt=[{"role": "user", "content": "by hand"}],
            completion={"role": "assistant", "content": "heard"},
            model="hand-1",
            prompt_tokens=11,
            completion_tokens=7,
        )
    )
    try:
        raise KeyError("as planned")
    except KeyError as error:
        record(ErrorEvent(exception=error, trigger_event=action, code="E42"))
    record(ErrorEvent(error_type="Custom", details="told in words", logs="line 1\nline 2"))


def run():
    """One session: decorators, an agent with model calls, events by hand, an error."""
    assert add(1, 2) == 3
    assert asyncio.run(add_later(2, 3)) == 5
    try:
        broken("as planned")
    except ValueError:
        print("the broken function failed as planned")
    consult()
    ask_in_vain()
    record_by_hand(agentops.record)
    agentops.add_tags(["added"])


def consult():
    """In a function of its own: whatever is recorded while an agent is in sight belongs to it."""
    ada = Researcher()
    print("plain:", ada.ask("What is the answer?"))
    print("streamed:", ada.ask_streamed("Say it slowly, “bitte” – 漢字 🚀"))
    print("tool:", ada.ask_with_tool("How is the weather in Zürich?"))
