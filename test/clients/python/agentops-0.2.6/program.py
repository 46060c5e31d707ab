"""AgentOps 0.2.6 as a user's program has it, with a witness beside it."""

# isort: off
import witness

witness.watch_requests()

import openai
import agentops

agentops.init(tags=["client-test", "python"])

import legacy_scenario as scenario

first = str(agentops.Client().current_session_id)
scenario.run()
agentops.end_session("Success", end_state_reason="done")

agentops.start_session(tags=["second"])
scenario.add(20, 22)
agentops.set_tags(["replaced"])
agentops.end_session("Fail", end_state_reason="as planned", video="https://example.com/video")

# Another process may go on with a session.
agentops.start_session(inherited_session_id=first)
scenario.add(40, 2)
agentops.end_session("Success", end_state_reason="done again")
