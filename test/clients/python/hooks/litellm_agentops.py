"""LiteLLM with its `agentops` callback, whose hosts are constants."""

# isort: off
import witness

import os
import threading

import litellm
from litellm.integrations.custom_logger import CustomLogger

told = threading.Event()


class Told(CustomLogger):
    """Comes after the callback, so that what it was told of has its span."""

    def log_success_event(self, *_, **__):
        told.set()


litellm.callbacks = ["agentops", Told()]
messages = [{"role": "user", "content": "hello"}]
where = {"api_base": os.environ["OPENAI_BASE_URL"], "api_key": "local"}
print(litellm.completion(model="openai/m", messages=messages, **where).choices[0].message.content)
told.wait(60)
