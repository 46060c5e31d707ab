"""AgentOps 0.3.26 as a user's program has it, with a witness beside it."""

# isort: off
import witness

witness.watch_requests()

import openai
import agentops

session = agentops.init(default_tags=["client-test", "python"])

import legacy_scenario as scenario


@agentops.record_tool("look up")
def look_up(city):
    return {"city": city, "celsius": 21.5}


scenario.run()
look_up("Zürich")
agentops.end_session("Success", end_state_reason="done")

one, other = agentops.start_session(tags=["one"]), agentops.start_session(tags=["other"])
scenario.add(20, 22, session=one)
look_up("Bern", session=other)
other.set_tags(["replaced"])
one.end_session(end_state="Fail", end_state_reason="as planned", video="https://example.com/video")
other.end_session(end_state="Indeterminate")

# Another process may go on with a session.
again = agentops.start_session(inherited_session_id=str(session.session_id))
scenario.add(40, 2)
again.end_session(end_state="Success", end_state_reason="done again")
