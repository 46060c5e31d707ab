"""AgentOps 0.4.6 as a user's program has it, with a witness beside it."""

# isort: off
import witness

import agentops
from opentelemetry.trace import get_tracer_provider

agentops.init(default_tags=["client-test", "python"])
witness.watch_spans(get_tracer_provider())
witness.watch_warnings("agentops", "opentelemetry")

import asyncio

import openai
from agentops.sdk.decorators import agent, operation, session, task, workflow

client = openai.OpenAI(max_retries=0)


@operation(name="add", version=2)
def add(a, b, *, note=None):
    return a + b


@operation
async def add_later(a, b):
    await asyncio.sleep(0.01)
    return a + b


@task
def broken(reason):
    raise ValueError(f"no luck: {reason}")


@agent
class Researcher:
    @operation
    def ask(self, question):
        messages = [{"role": "user", "content": question}]
        answer = client.chat.completions.create(model="echo-1", messages=messages, temperature=0.25)
        return answer.choices[0].message.content

    @operation
    def ask_streamed(self, question):
        messages = [{"role": "user", "content": question}]
        stream = client.chat.completions.create(model="echo-1", messages=messages, stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


@workflow(name="pipeline")
def pipeline():
    assert add(1, 2, note="häßlich 漢字 🚀") == 3
    try:
        broken("as planned")
    except ValueError:
        print("the broken task failed as planned")
    ada = Researcher()
    print("plain:", ada.ask("What is the answer?"))
    print("streamed:", ada.ask_streamed("Say it slowly"))
    try:
        client.chat.completions.create(model="status-500", messages=[{"role": "user", "content": "?"}])
    except openai.APIStatusError as error:
        print("refused:", error.status_code)


@session
def own_session():
    assert asyncio.run(add_later(20, 22)) == 42


# The session that `init` starts is never ended by this version: what is directly in it stays without its root.
pipeline()
own_session()
