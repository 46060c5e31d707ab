"""The attributes that the hooks write, and how they get past the cap of attributes."""

import json

from . import _log

PROMPT = "prompt_token_ids"
RESPONSE = "response_token_ids"
# Of a reply that nobody read to its end: not to be taken for the whole one. Where the prompt's ids are there, or all were to
# come last, the name is there before the first of them.
PARTIAL = "partial_response_token_ids"


def attributes_of(collector):
    """The attributes of a reply as (key, value), the most important ones last: the Python SDK evicts the oldest."""
    found = []
    partial = collector.is_partial()
    response = PARTIAL if partial else RESPONSE
    for member in ("content", "refusal"):
        if collector.logprobs[member]:
            found.append(("logprobs." + member, json.dumps(collector.logprobs[member], separators=(",", ":"))))
    choices = [(choice, collector.response_ids(choice)) for choice in collector.all_choices()]
    for choice, ids in reversed(choices):
        if ids and choice > 0:
            found.append(("%s.%d" % (response, choice), ids))
    if collector.response_id:
        found.append(("gen_ai.response.id", collector.response_id))
    prompt = collector.prompt_ids()
    if prompt:
        found.append((PROMPT, prompt))
    first = dict(choices).get(0)
    if first or (partial and (prompt or (collector.response_id and collector.ids_come_last()))):
        found.append((response, first or []))
    return found


def write(span, collector):
    """Writes what a collector holds onto a span that has not ended. Nothing of the span's own is evicted by it."""
    found = attributes_of(collector)
    if not found:
        return
    _make_room(span, [key for key, _ in found])
    for key, value in found:
        span.set_attribute(key, value)
    _log.debug("span %s: %s", getattr(span, "name", "?"), ", ".join(key for key, _ in found))


def _make_room(span, keys):
    held = getattr(span, "_attributes", None)
    most = getattr(held, "maxlen", None)
    if type(most) is not int or most == 0:
        return
    more = sum(1 for key in keys if key not in held)
    if len(held) + more > most:
        held.maxlen = len(held) + more
