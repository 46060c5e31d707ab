"""Spans that the hook makes where the recorder makes none: structured output (`parse`) since the SDK moved it, and the
Responses API under AgentOps 0.4.16 to 0.4.21 with openai 1.92 and later. In the names that AgentOps uses.
"""

import json
import os

from ._values import count_of, list_of, object_of, plain, text_of

_NAMES = {"/chat/completions": "openai.chat.completion", "/responses": "openai.responses.create"}
_SAMPLING = ("temperature", "top_p", "max_tokens", "frequency_penalty", "presence_penalty", "seed")
_USAGE = (
    ("gen_ai.usage.prompt_tokens", ("prompt_tokens", "input_tokens")),
    ("gen_ai.usage.completion_tokens", ("completion_tokens", "output_tokens")),
    ("gen_ai.usage.total_tokens", ("total_tokens",)),
)


class _Text(list):
    """A text in the pieces that it came in: adding to a string again and again costs its length each time."""

    def add(self, piece):
        if text_of(piece):
            self.append(piece)


def _joined(value):
    return "".join(value) if type(value) is _Text else value


def start(path, body, stream):
    """Starts the span of a call, below the current one. `body` is the request as it is sent."""
    from opentelemetry import trace

    attributes = {
        "gen_ai.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.streaming": bool(stream),
    }
    body = body if isinstance(body, dict) else {}
    if text_of(body.get("model")):
        attributes["gen_ai.request.model"] = body["model"]
    for name in _SAMPLING:
        if type(body.get(name)) in (int, float):
            attributes["gen_ai.request." + name] = body[name]
    for at, tool in enumerate(list_of(body.get("tools"))):
        _add_tool(attributes, "gen_ai.request.functions.%d" % at, object_of(tool) or {})
    if _with_content():
        given = body.get("input") if path == "/responses" else body.get("messages")
        messages = [{"role": "user", "content": given}] if isinstance(given, str) else list_of(given)
        for at, message in enumerate(messages):
            _add_message(attributes, "gen_ai.prompt.%d" % at, object_of(message) or {})
    tracer = trace.get_tracer("agentlightning_hooks")
    return tracer.start_span(_NAMES[path], kind=trace.SpanKind.CLIENT, attributes=attributes)


def describe(span, reply):
    """Writes what the reply says."""
    members = object_of(reply) or {}
    attributes = {}
    for key, name in (("gen_ai.response.id", "id"), ("gen_ai.response.model", "model")):
        if text_of(members.get(name)):
            attributes[key] = members[name]
    usage = object_of(members.get("usage")) or {}
    for key, names in _USAGE:
        counts = [count_of(usage.get(name)) for name in names]
        count = next((each for each in counts if each is not None), None)
        if count is not None:
            attributes[key] = count
    for at, item in enumerate(list_of(members.get("choices"))):
        choice = object_of(item) or {}
        index = count_of(choice.get("index"))
        prefix = "gen_ai.completion.%d" % (at if index is None else index)
        if text_of(choice.get("finish_reason")):
            attributes[prefix + ".finish_reason"] = choice["finish_reason"]
        if _with_content():
            message = {"role": "assistant", "content": choice.get("text")}
            _add_message(attributes, prefix, object_of(choice.get("message")) or message)
    if _with_content():
        _add_output(attributes, list_of(members.get("output")))
    span.set_attributes(attributes)


def succeed(span):
    """Says on the span that the call went well."""
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.OK))


def fail(span, error):
    """Says on the span that the call failed, with an exception or with its type and message."""
    from opentelemetry.trace import Status, StatusCode

    if isinstance(error, Exception):
        span.record_exception(error)
    kind, text = error if isinstance(error, tuple) else (type(error).__name__, str(error))
    if isinstance(error, tuple):
        span.add_event("exception", {"exception.type": kind, "exception.message": text})
    status = Status(StatusCode.ERROR, text)
    span.set_status(status)
    if getattr(getattr(span, "status", None), "status_code", None) is StatusCode.OK:
        # What the recorder said before the first frame would stand.
        span._status = status


def assemble(reply, chunk):
    """Adds a frame of a chat stream to the reply that it is part of; of a Responses stream the last one is whole."""
    members = object_of(chunk) or {}
    whole = object_of(members.get("response"))
    if whole is not None:
        return whole
    reply = reply or {"choices": []}
    for name in ("id", "model", "usage"):
        if members.get(name) is not None:
            reply[name] = members[name]
    for item in list_of(members.get("choices")):
        choice = object_of(item) or {}
        index = count_of(choice.get("index")) or 0
        while len(reply["choices"]) <= index and index < 1024:
            message = {"role": "assistant", "content": _Text(), "tool_calls": []}
            reply["choices"].append({"index": len(reply["choices"]), "message": message})
        if index >= len(reply["choices"]):
            continue
        entry = reply["choices"][index]
        if choice.get("finish_reason"):
            entry["finish_reason"] = choice["finish_reason"]
        _add_delta(entry["message"], object_of(choice.get("delta")) or {"content": choice.get("text")})
    return reply


def _add_delta(message, delta):
    message["content"].add(delta.get("content"))
    for item in list_of(delta.get("tool_calls")):
        part = object_of(item) or {}
        at = count_of(part.get("index")) or 0
        while len(message["tool_calls"]) <= at and at < 1024:
            message["tool_calls"].append({"id": None, "function": {"name": _Text(), "arguments": _Text()}})
        if at >= len(message["tool_calls"]):
            continue
        call = message["tool_calls"][at]
        function = object_of(part.get("function")) or {}
        call["id"] = call["id"] or part.get("id")
        for name in ("name", "arguments"):
            call["function"][name].add(function.get(name))


def _add_message(attributes, prefix, message):
    for name in ("role", "tool_call_id", "refusal"):
        if text_of(message.get(name)):
            attributes["%s.%s" % (prefix, name)] = message[name]
    content = _joined(message.get("content"))
    if content is not None and content != "":
        attributes[prefix + ".content"] = content if isinstance(content, str) else json.dumps(plain(content))
    for at, item in enumerate(list_of(message.get("tool_calls"))):
        call = object_of(item) or {}
        function = object_of(call.get("function")) or {}
        values = (call.get("id"), _joined(function.get("name")), _joined(function.get("arguments")))
        for name, value in zip(("id", "name", "arguments"), values):
            if text_of(value):
                attributes["%s.tool_calls.%d.%s" % (prefix, at, name)] = value


def _add_tool(attributes, prefix, tool):
    function = object_of(tool.get("function")) or tool
    for name in ("name", "description"):
        if text_of(function.get(name)):
            attributes["%s.%s" % (prefix, name)] = function[name]
    if function.get("parameters") is not None:
        attributes[prefix + ".parameters"] = json.dumps(plain(function["parameters"]))


def _add_output(attributes, output):
    texts = []
    calls = 0
    for item in output:
        entry = object_of(item) or {}
        if entry.get("type") == "function_call":
            prefix = "gen_ai.completion.0.tool_calls.%d" % calls
            calls += 1
            for name, value in (("id", entry.get("call_id")), ("name", entry.get("name")), ("arguments", entry.get("arguments"))):
                if text_of(value):
                    attributes["%s.%s" % (prefix, name)] = value
        texts.extend(text_of((object_of(part) or {}).get("text")) or "" for part in list_of(entry.get("content")))
    if "".join(texts):
        attributes["gen_ai.completion.0.content"] = "".join(texts)
        attributes["gen_ai.completion.0.role"] = "assistant"


def _with_content():
    return os.environ.get("TRACELOOP_TRACE_CONTENT", "true").lower() not in ("false", "0")
