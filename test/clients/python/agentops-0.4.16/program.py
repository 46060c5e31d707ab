"""AgentOps 0.4.16 as a user's program has it, with a witness beside it."""

# isort: off
import os
import witness

import agentops
from opentelemetry.trace import get_tracer_provider

nested = os.environ["AGL_TEST_MODE"] == "nested"
agentops.init(default_tags=["client-test", "python"], trace_name="program", auto_start_session=nested)
witness.watch_spans(get_tracer_provider())
witness.watch_warnings("agentops", "opentelemetry")

import agentops_scenario as scenario

if nested:
    scenario.run_nested()
    agentops.record(agentops.ActionEvent(action_type="legacy"))
else:
    scenario.run_separate(["Success", "Fail", "Indeterminate"])
    session = agentops.start_session(tags=["legacy"])
    scenario.add(2, 3)
    agentops.end_session(session)
