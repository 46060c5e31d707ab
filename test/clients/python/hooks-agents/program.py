"""An agent of openai-agents, plain and streamed; the SDK imported after `agentops.init()`, or before it."""

# isort: off
import witness

import asyncio
import os

if os.environ.get("AGL_TEST_FIRST"):
    import agents

import agentops

agentops.init(trace_name="agents")

import agents
from agents.tracing import get_trace_provider
from openai import AsyncOpenAI

model = agents.OpenAIChatCompletionsModel(model="m", openai_client=AsyncOpenAI(api_key="local", max_retries=0))
agent = agents.Agent(name="A", instructions="Answer.", model=model)


async def main():
    print("SAID", (await agents.Runner.run(agent, "case agent-plain")).final_output)
    result = agents.Runner.run_streamed(agent, "case agent-stream")
    async for _ in result.stream_events():
        pass
    print("SAID", result.final_output)


asyncio.run(main())
get_trace_provider().shutdown()
