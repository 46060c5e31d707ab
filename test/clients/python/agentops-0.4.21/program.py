"""AgentOps 0.4.21 as a user's program has it, with a witness beside it."""

# isort: off
import os
import witness

import agentops
from agentops.sdk.decorators import guardrail, operation
from opentelemetry.trace import get_tracer_provider

nested = os.environ["AGL_TEST_MODE"] == "nested"
agentops.init(default_tags=["client-test", "python"], trace_name="program", auto_start_session=nested)
witness.watch_spans(get_tracer_provider())
witness.watch_warnings("agentops", "opentelemetry")

import agentops_scenario as scenario


@guardrail(spec="input")
def no_secrets(text):
    return "secret" not in text


@operation
def enrich():
    agentops.update_trace_metadata({"experiment": "α/β", "round": 3, "ratio": 0.5, "labels": ["a", "b"]})


if nested:
    assert no_secrets("nothing here")
    enrich()
    scenario.run_nested()
else:
    scenario.run_separate(["Success", "Fail", "Indeterminate", agentops.TraceState.ERROR])
    with agentops.start_trace("with-block", tags=["with"]):
        scenario.add(2, 3)
