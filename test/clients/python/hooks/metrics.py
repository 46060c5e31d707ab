"""One model call, of which AgentOps before 0.4.15 keeps metrics."""

# isort: off
import witness

import agentops

agentops.init()

import openai

chat = openai.OpenAI(max_retries=0).chat.completions
print(chat.create(model="m", messages=[{"role": "user", "content": "hello"}]).choices[0].message.content)
