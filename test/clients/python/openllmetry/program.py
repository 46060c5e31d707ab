"""OpenLLMetry as its users have it: the SDK of Traceloop, its decorators, and the calls that it watches."""

# isort: off
import logging
import os

import witness

from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import agent, task, tool, workflow
from traceloop.sdk.instruments import Instruments

witness.watch_warnings("opentelemetry", "traceloop")
witness.watch_signals()
events = os.environ.get("AGL_TEST_CONTENT") == "events"
logs = LoggerProvider(resource=Resource.create({"service.name": "openllmetry-python"}))
if events:
    # Messages become log records of their own; the provider has to be there before the instrumentation.
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(logs)
Traceloop.init(
    app_name="openllmetry-python",
    resource_attributes={"deployment.rank": 7},
    instruments={Instruments.OPENAI},
    telemetry_enabled=False,
    use_attributes=not events,
)
provider = trace.get_tracer_provider()
witness.watch_spans(provider)

import openai_scenario  # noqa: E402


@tool(name="weather")
def weather(city: str) -> dict:
    return {"city": city, "degrees": 21}


@task(name="plan")
def plan(question: str) -> str:
    messages, call = openai_scenario.ask_for_call(question)
    return openai_scenario.tell_result(messages, call, weather("Zürich"))


@agent(name="planner")
def planner(question: str) -> str:
    return plan(question)


@tool(name="broken")
def broken(reason: str) -> None:
    raise ValueError(reason)


@workflow(name="trip")
def trip(question: str) -> str:
    Traceloop.set_association_properties({"session_id": "session-1", "user_id": "ada", "round": 3})
    return planner(question)


@workflow(name="everything")
def everything() -> None:
    openai_scenario.calls()


print("planned:", trip("How is the weather in Zürich?"))
Traceloop.set_association_properties({})
everything()
try:
    broken("as planned")
except ValueError:
    print("the broken tool failed as planned")
logging.getLogger("program").warning("logged by the program")
provider.shutdown()
logs.shutdown()
