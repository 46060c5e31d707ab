"""Reads replies from standard input, one JSON object a line, and says what the hooks read in each.

`{"reply": …}` is a plain reply (or a list of several), `{"frames": [ … ]}` the frames of a stream.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from agentlightning_hooks._attributes import attributes_of  # noqa: E402
from agentlightning_hooks._collect import Collector  # noqa: E402


def read(case):
    collector = Collector()
    if "frames" in case:
        for frame in case["frames"]:
            collector.chunk(frame)
    elif isinstance(case["reply"], list):
        for at, reply in enumerate(case["reply"]):
            collector.reply(reply, at)
    else:
        collector.reply(case["reply"])
    choices = collector.all_choices()
    return {
        "prompt": collector.prompt_ids(),
        "responses": {str(choice): collector.response_ids(choice) for choice in choices},
        "prompts": {str(choice): collector.prompt_ids(choice) for choice in choices},
        "id": collector.response_id,
        "attributes": dict(attributes_of(collector)),
    }


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))))
