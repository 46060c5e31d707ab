"""AgentOps asks the public read API, whose host is a constant of it, whether its spans arrived."""

# isort: off
import witness

import json

import agentops
import openai

agentops.init(auto_start_session=False)
trace = agentops.start_trace("validated")
messages = [{"role": "user", "content": "hello"}]
openai.OpenAI(max_retries=0).chat.completions.create(model="m", messages=messages)
agentops.end_trace(trace, "Success")
result = agentops.validate_trace_spans(trace_context=trace, max_retries=60, retry_delay=0.5)
print(json.dumps([span["span_name"] for span in result["spans"]]))
