import json
import unittest

from agentlightning_hooks import _attributes, _values
from agentlightning_hooks._collect import Collector


def collected(reply=None, frames=()):
    collector = Collector()
    if reply is not None:
        collector.reply(reply)
    for frame in frames:
        collector.chunk(frame)
    return collector


class AReply(unittest.TestCase):
    def test_gives_every_choice(self):
        choices = [{"index": at, "token_ids": [40 + at]} for at in range(3)]
        collector = collected({"id": "c", "prompt_token_ids": [1], "choices": choices})
        self.assertEqual([collector.response_ids(at) for at in range(3)], [[40], [41], [42]])
        self.assertEqual(
            [key for key, _ in _attributes.attributes_of(collector)],
            ["response_token_ids.2", "response_token_ids.1", "gen_ai.response.id", "prompt_token_ids", "response_token_ids"],
        )

    def test_with_values_of_other_types_gives_nothing_and_does_not_raise(self):
        for odd in (None, "text", 5, {}, [None], [1.5], [-1], [True], [2**32], [[1], "x"], [[1], [2], None]):
            for body in (
                {"prompt_token_ids": odd, "choices": [{"token_ids": odd, "provider_specific_fields": odd}]},
                {"response_token_ids": odd, "sglext": odd, "choices": odd},
                {"sglext": {"output_ids": odd, "input_ids": odd}, "choices": [odd, {"logprobs": odd}]},
                {"choices": [{"index": odd, "logprobs": {"content": odd, "tokens": odd, "token_logprobs": odd}}]},
            ):
                collector = collected(body, [body])
                self.assertIsNone(collector.response_ids(0), body)
                self.assertFalse([key for key, _ in _attributes.attributes_of(collector) if key == "response_token_ids"])

    def test_that_is_no_object_gives_nothing(self):
        from unittest import mock

        for odd in (None, "x", 3, [], object(), mock.MagicMock(), mock.Mock()):
            self.assertEqual(_attributes.attributes_of(collected(odd, [odd])), [])

    def test_in_part_unusable_is_not_used(self):
        collector = collected(frames=[{"choices": [{"index": 0, "token_ids": ids}]} for ids in ([1], ["x"], [2])])
        self.assertIsNone(collector.response_ids(0))

    def test_with_prompts_that_differ_has_none_to_write(self):
        choices = [{"index": at, "prompt_token_ids": [at], "token_ids": [9]} for at in range(2)]
        keys = [key for key, _ in _attributes.attributes_of(collected({"choices": choices}))]
        self.assertEqual(keys, ["response_token_ids.1", "response_token_ids"])

    def test_with_logprobs_keeps_them_as_json(self):
        items = [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]
        frames = [{"choices": [{"index": 0, "logprobs": {"content": items, "refusal": None}}]}] * 2
        found = dict(_attributes.attributes_of(collected(frames=frames)))
        self.assertEqual(json.loads(found["logprobs.content"]), items * 2)
        self.assertNotIn("logprobs.refusal", found)


class Pydantic(object):
    """As pydantic keeps what it does not know: beside the fields."""

    __pydantic_fields__ = {}

    def __init__(self, extra, **fields):
        self.__dict__.update(fields)
        object.__setattr__(self, "__pydantic_extra__", extra)


class AClientsObject(unittest.TestCase):
    def test_is_read_with_its_extra_members(self):
        choice = Pydantic({"token_ids": [40]}, index=0)
        reply = Pydantic({"prompt_token_ids": [1, 2]}, id="c", choices=[choice])
        collector = collected(reply)
        self.assertEqual((collector.prompt_ids(), collector.response_ids(0)), ([1, 2], [40]))

    def test_becomes_plain_in_attributes(self):
        self.assertEqual(_values.plain(Pydantic({"b": [Pydantic(None, c=1)]}, a="x"))["b"][0]["c"], 1)


if __name__ == "__main__":
    unittest.main()
