"""Streams that a program does not read to their end, or not in the usual way."""

# isort: off
import witness

import asyncio
import gc
import http.server
import threading

import agentops

agentops.init()

import openai

options = {"api_key": "local", "max_retries": 0}
client = openai.OpenAI(**options)
async_client = openai.AsyncOpenAI(**options)
create = client.chat.completions.create


def request(name, **more):
    return {"model": "m", "messages": [{"role": "user", "content": "case " + name}], **more}


def case(name, call):
    try:
        call()
    except Exception as error:
        print("RAISED %s %s" % (name, type(error).__name__))
    gc.collect()


def given_up():
    for _ in create(**request("given-up", stream=True)):
        break


def given_up_within():
    with create(**request("given-up-within", stream=True)) as stream:
        for _ in stream:
            break


def to_the_last_reason():
    """No more ids come after it."""
    for chunk in create(**request("to-the-last-reason", stream=True)):
        if chunk.choices and chunk.choices[0].finish_reason:
            break


def closed():
    stream = create(**request("closed", stream=True))
    next(iter(stream))
    stream.close()


def raw_stream():
    raw = client.chat.completions.with_raw_response.create(**request("raw-stream", stream=True))
    for _ in raw.parse():
        pass


def streaming_response():
    with client.chat.completions.with_streaming_response.create(**request("streaming-response")) as response:
        response.parse()


class Broken(http.server.BaseHTTPRequestHandler):
    """A server that ends its reply in the middle."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", "100000")
        self.end_headers()
        self.wfile.write(
            b'data: {"id":"broken-off","prompt_token_ids":[1,2],"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
            b'data: {"id":"broken-off","choices":[{"index":0,"delta":{"content":"b"},"token_ids":[7]}]}\n\n'
        )

    def log_message(self, *arguments):
        pass


def broken_off():
    server = http.server.HTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there = openai.OpenAI(base_url="http://127.0.0.1:%d/v1" % server.server_port, **options)
    try:
        for _ in there.chat.completions.create(**request("broken-off", stream=True)):
            pass
    finally:
        server.shutdown()


async def given_up_async():
    async for _ in await async_client.chat.completions.create(**request("given-up-async", stream=True)):
        break


async def cancelled():
    begun = asyncio.Event()

    async def read():
        async for _ in await async_client.chat.completions.create(**request("cancelled", stream=True)):
            begun.set()
            await asyncio.sleep(30)

    reading = asyncio.ensure_future(read())
    await begun.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


case("given-up", given_up)
case("given-up-within", given_up_within)
case("to-the-last-reason", to_the_last_reason)
case("closed", closed)
case("unread", lambda: create(**request("unread", stream=True)) and None)
case("raw-stream", raw_stream)
case("streaming-response", streaming_response)
case("broken-off", broken_off)
case("given-up-async", lambda: asyncio.run(given_up_async()))
case("cancelled", lambda: asyncio.run(cancelled()))
# At the end of the program it is still open.
kept = create(**request("open-at-exit", stream=True))
next(iter(kept))
