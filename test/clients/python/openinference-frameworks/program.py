"""OpenInference's instrumentations of LangChain and of openai-agents, whichever AGL_TEST_FRAMEWORK names."""

# isort: off
import witness

import asyncio
import os

from openinference.instrumentation import TracerProvider
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

framework = os.environ["AGL_TEST_FRAMEWORK"]
witness.watch_warnings("opentelemetry", "openinference")
provider = TracerProvider(resource=Resource.create({"service.name": framework}))
witness.watch_spans(provider)
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))


def langchain():
    from openinference.instrumentation.langchain import LangChainInstrumentor

    LangChainInstrumentor().instrument(tracer_provider=provider)
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI

    @tool
    def weather(city: str) -> str:
        """Looks out of the window."""
        return "21 degrees in " + city

    def model(**more):
        return ChatOpenAI(model="echo-1", max_retries=0, **more)

    async def later():
        await model().ainvoke("Asked in async")
        async for _ in model().astream("Streamed in async"):
            pass

    print("plain:", model().invoke("What is the answer? 漢字 🚀").content)
    print("streamed:", sum(1 for _ in model().stream("Say it slowly, häßlich")))
    print("called:", model().bind_tools([weather]).invoke("Is it warm?").tool_calls[0]["name"])
    print("twice:", model(n=2).invoke("Twice, please").content)
    print("batch:", len(model().batch(["One of two", "Two of two"])))
    asyncio.run(later())
    responses = model(use_responses_api=True)
    print("responses:", responses.invoke("Asked through responses").content)
    print("streamed responses:", sum(1 for _ in responses.stream("Streamed through responses")))


def agents():
    from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool
    from openai import AsyncOpenAI
    from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)

    @function_tool
    def weather(city: str) -> str:
        """Looks out of the window."""
        return "21 degrees in " + city

    async def ask(model):
        agent = Agent(name="Ada", instructions="You are brief.", model=model, tools=[weather])
        plain = await Runner.run(agent, "How is the weather in Zürich?")
        streamed = Runner.run_streamed(agent, "And tomorrow?")
        async for _ in streamed.stream_events():
            pass
        print("told:", plain.final_output, streamed.final_output)

    async def all_calls():
        client = AsyncOpenAI(max_retries=0)
        await ask(OpenAIChatCompletionsModel("echo-1", client))
        await ask(OpenAIResponsesModel("echo-1", client))

    asyncio.run(all_calls())


{"langchain": langchain, "agents": agents}[framework]()
provider.shutdown()
