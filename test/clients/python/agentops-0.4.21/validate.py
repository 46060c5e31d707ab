"""AgentOps 0.4.21 asks the public read API whether its spans arrived."""

# isort: off
import json
import os

import witness

import aiohttp
import requests

# The host is a constant of the SDK: nothing but a change of the call leads elsewhere.
HOSTED, LOCAL = "https://api.agentops.ai", os.environ["AGENTOPS_API_ENDPOINT"]
get, post = requests.get, aiohttp.ClientSession.post
requests.get = lambda url, **options: get(url.replace(HOSTED, LOCAL), **options)
aiohttp.ClientSession.post = lambda self, url, **options: post(self, url.replace(HOSTED, LOCAL), **options)

import agentops
import openai
from agentops.sdk.decorators import operation

agentops.init(auto_start_session=False)
client = openai.OpenAI(max_retries=0)


@operation
def ask(question):
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="echo-1", messages=messages).choices[0].message.content


trace = agentops.start_trace("validated", tags=["validated"])
ask("What is the answer?")
agentops.end_trace(trace, "Success")
result = agentops.validate_trace_spans(trace_context=trace, retry_delay=0.2)
print("RESULT " + json.dumps(result))
try:
    agentops.validate_trace_spans(trace_id="0" * 31 + "1", max_retries=2, retry_delay=0.1)
except agentops.ValidationError as error:
    print("UNKNOWN " + str(error))
