import asyncio
import gc
import json
import tracemalloc
import unittest

from agentlightning_hooks import open_streams, openai_stream, own_span
from agentlightning_hooks._collect import Collector


class Stream(object):
    def __init__(self, frames):
        self._iterator = frames


class Call(object):
    """What a call is told of its stream."""

    def __init__(self):
        self.told = []

    def chunk(self, chunk):
        self.told.append(chunk)
        return chunk == "extra"

    def finish(self):
        self.told.append("finish")

    def failed(self, error):
        self.told.append(type(error).__name__)

    def left(self):
        self.told.append("left")


def followed(frames):
    stream, call = Stream(frames), Call()
    openai_stream.follow(stream, call)
    return stream, call


class AStream(unittest.TestCase):
    def test_is_read_in_passing_and_our_own_frame_is_kept_from_the_program(self):
        stream, call = followed(iter(["a", "extra", "b"]))
        self.assertEqual(list(stream._iterator), ["a", "b"])
        self.assertEqual(call.told, ["a", "extra", "b", "finish"])

    def test_that_is_given_up_is_left_once_and_not_from_its_destructor(self):
        stream, call = followed(iter(["a", "b"]))
        next(stream._iterator)
        open_streams.end_left()
        self.assertEqual(call.told, ["a"])
        del stream
        gc.collect()
        self.assertEqual(call.told, ["a"])
        open_streams.end_left()
        open_streams.end_left()
        self.assertEqual(call.told, ["a", "left"])

    def test_of_a_raw_response_is_left_when_both_are_gone(self):
        class Raw(Stream):
            parse = http_response = None

        raw, call = Raw(None), Call()
        del raw._iterator
        openai_stream.follow(raw, call)
        stream = Stream(iter(["a"]))
        openai_stream._follow_parsed(raw, stream, lambda: True)
        del raw
        open_streams.end_left()
        self.assertEqual(list(stream._iterator), ["a"])
        del stream
        open_streams.end_left()
        self.assertEqual(call.told, ["a", "finish", "left"])

    def test_that_breaks_off_raises_what_it_raised(self):
        def broken():
            yield "a"
            raise KeyboardInterrupt

        stream, call = followed(broken())
        next(stream._iterator)
        with self.assertRaises(KeyboardInterrupt):
            next(stream._iterator)
        self.assertEqual(call.told, ["a", "KeyboardInterrupt"])

    def test_goes_on_when_reading_a_frame_fails(self):
        stream, call = followed(iter(["a", "b"]))
        call.chunk = None
        self.assertEqual(list(stream._iterator), ["a", "b"])

    def test_is_asynchronous_where_it_was(self):
        async def frames():
            yield "a"
            yield "extra"
            yield "b"

        async def read():
            stream, call = followed(frames())
            return [chunk async for chunk in stream._iterator], call.told

        self.assertEqual(asyncio.run(read()), (["a", "b"], ["a", "extra", "b", "finish"]))

    def test_that_is_given_up_asynchronously_leaves_nothing_to_complain_of(self):
        async def frames():
            yield "a"
            yield "b"

        async def read(said):
            asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
            stream, _ = followed(frames())
            async for _ in stream._iterator:
                break
            del stream
            gc.collect()
            await asyncio.sleep(0)

        said = []
        asyncio.run(read(said))
        self.assertEqual(said, [])


class ALongStream(unittest.TestCase):
    def test_without_ids_is_not_kept(self):
        frame = json.dumps({"id": "c", "choices": [{"index": 0, "delta": {"content": "some text"}}]})
        collector = Collector()
        collector.chunk(json.loads(frame))
        gc.collect()
        tracemalloc.start()
        try:
            for _ in range(20000):
                collector.chunk(json.loads(frame))
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertEqual(collector.chunks, 20001)
        self.assertLess(held, 100000)

    def test_is_put_together_piece_by_piece(self):
        reply = None
        tool = {"index": 0, "id": "t", "function": {"name": "f", "arguments": "1"}}
        for _ in range(3):
            delta = {"content": "ab", "tool_calls": [tool]}
            reply = own_span.assemble(reply, {"id": "c", "choices": [{"index": 0, "delta": delta}]})
        written = {}
        span = type("Span", (), {"set_attributes": lambda self, values: written.update(values)})()
        own_span.describe(span, reply)
        self.assertEqual(written["gen_ai.completion.0.content"], "ababab")
        self.assertEqual(written["gen_ai.completion.0.tool_calls.0.arguments"], "111")


if __name__ == "__main__":
    unittest.main()
