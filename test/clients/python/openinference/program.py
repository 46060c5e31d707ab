"""OpenInference's instrumentation of the OpenAI client, and its own spans for agents, chains and tools."""

# isort: off
import witness
import openai_scenario

from openinference.instrumentation import TracerProvider, using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

witness.watch_warnings("opentelemetry", "openinference")
resource = Resource.create({"service.name": "openinference-python", "openinference.project.name": "trip"})
provider = TracerProvider(resource=resource)
witness.watch_spans(provider)
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider)
tracer = provider.get_tracer("program")


@tracer.tool(name="weather", description="Looks out of the window.")
def weather(city: str) -> dict:
    return {"city": city, "degrees": 21}


@tracer.chain
def plan(question: str) -> str:
    messages, call = openai_scenario.ask_for_call(question)
    return openai_scenario.tell_result(messages, call, weather(city="Zürich"))


@tracer.agent(name="planner")
def planner(question: str) -> str:
    return plan(question)


@tracer.tool(name="broken")
def broken(reason: str) -> None:
    raise ValueError(reason)


with using_attributes(
    session_id="session-1", user_id="ada", metadata={"round": 3}, tags=["trip", "ü"], prompt_template="Q: {q}"
):
    print("planned:", planner("How is the weather in Zürich?"))

with tracer.start_as_current_span("everything", openinference_span_kind="chain") as span:
    span.set_input("all calls")
    openai_scenario.calls()
    span.set_output({"done": True})
try:
    broken("as planned")
except ValueError:
    print("the broken tool failed as planned")
with tracer.start_as_current_span("by hand", openinference_span_kind="llm") as span:
    span.set_attributes(
        {
            "llm.model_name": "hand-1",
            "llm.cost.prompt": 0.25,
            "llm.cost.completion": 0.5,
            "llm.cost.total": 0.75,
            "llm.token_count.prompt": 11,
            "llm.token_count.completion": 7,
        }
    )
with tracer.start_as_current_span("search", openinference_span_kind="retriever") as span:
    span.set_input("hotels")
    span.set_attributes(
        {
            "retrieval.documents.0.document.id": "d-1",
            "retrieval.documents.0.document.content": "Hotel Ü",
            "retrieval.documents.0.document.score": 0.5,
        }
    )
provider.shutdown()
