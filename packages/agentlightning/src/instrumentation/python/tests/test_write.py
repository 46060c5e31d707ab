import unittest

from agentlightning_hooks import _attributes
from agentlightning_hooks._collect import Collector


class Bounded(dict):
    """As OpenTelemetry's attributes: the oldest goes when one more comes."""

    def __init__(self, maxlen):
        super().__init__()
        self.maxlen = maxlen

    def __setitem__(self, key, value):
        if self.maxlen == 0:
            return
        self.pop(key, None)
        if len(self) == self.maxlen:
            del self[next(iter(self))]
        super().__setitem__(key, value)


class Span(object):
    name = "span"

    def __init__(self, maxlen):
        self._attributes = Bounded(maxlen)

    def set_attribute(self, key, value):
        self._attributes[key] = value


def of_turns(span, turns, tools=4):
    """The attributes that AgentOps writes for a conversation with tools."""
    span.set_attribute("gen_ai.request.model", "m")
    for at in range(tools):
        for name in ("name", "description", "parameters"):
            span.set_attribute("gen_ai.request.functions.%d.%s" % (at, name), "x")
    for at in range(turns):
        for name in ("role", "content", "tool_calls.0.id", "tool_calls.0.name", "tool_calls.0.arguments"):
            span.set_attribute("gen_ai.prompt.%d.%s" % (2 * at, name), "x")
        for name in ("role", "content", "tool_call_id"):
            span.set_attribute("gen_ai.prompt.%d.%s" % (2 * at + 1, name), "x")


class ALongConversation(unittest.TestCase):
    def test_keeps_its_ids_and_loses_nothing_to_them(self):
        for turns in (13, 15, 20):
            span = Span(128)
            of_turns(span, turns)
            before = dict(span._attributes)
            collector = Collector()
            choices = [{"index": at, "token_ids": [3, at]} for at in range(3)]
            collector.reply({"id": "c", "prompt_token_ids": [1, 2], "choices": choices})
            _attributes.write(span, collector)
            self.assertEqual(span._attributes["prompt_token_ids"], [1, 2])
            self.assertEqual(span._attributes["response_token_ids"], [3, 0])
            self.assertEqual(span._attributes["response_token_ids.2"], [3, 2])
            self.assertEqual(span._attributes["gen_ai.response.id"], "c")
            self.assertEqual({key: span._attributes.get(key) for key in before}, before)

    def test_without_any_attribute_allowed_stays_so(self):
        span = Span(0)
        collector = Collector()
        collector.reply({"prompt_token_ids": [1]})
        _attributes.write(span, collector)
        self.assertEqual(dict(span._attributes), {})

    def test_with_room_keeps_its_limit(self):
        span = Span(128)
        collector = Collector()
        collector.reply({"prompt_token_ids": [1]})
        _attributes.write(span, collector)
        self.assertEqual(span._attributes.maxlen, 128)


class AReplyThatNobodyReadToItsEnd(unittest.TestCase):
    class Begun(Collector):
        last = False

        def is_partial(self):
            return True

        def ids_come_last(self):
            return self.last

    def written(self, frame, last=False):
        collector = self.Begun()
        collector.last = last
        collector.chunk(frame)
        return dict(_attributes.attributes_of(collector))

    def test_has_its_ids_under_a_name_of_their_own(self):
        choices = [{"index": 0, "token_ids": [3]}, {"index": 1, "token_ids": [4]}]
        self.assertEqual(
            self.written({"prompt_token_ids": [1], "choices": choices}),
            {"prompt_token_ids": [1], "partial_response_token_ids": [3], "partial_response_token_ids.1": [4]},
        )

    def test_has_the_name_before_its_first_id(self):
        self.assertEqual(
            self.written({"prompt_token_ids": [1], "choices": [{"index": 0, "delta": {}}]}),
            {"prompt_token_ids": [1], "partial_response_token_ids": []},
        )
        self.assertEqual(
            self.written({"id": "c", "choices": [{"index": 0, "finish_reason": "stop"}]}, last=True),
            {"gen_ai.response.id": "c", "partial_response_token_ids": []},
        )

    def test_has_no_such_name_where_no_ids_are_known_to_come(self):
        self.assertEqual(self.written({"id": "c", "choices": [{"index": 0}]}), {"gen_ai.response.id": "c"})
        self.assertEqual(self.written({"choices": [{"index": 0}]}, last=True), {})


if __name__ == "__main__":
    unittest.main()
