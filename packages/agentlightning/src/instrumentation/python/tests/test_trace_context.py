import os
import unittest

from agentlightning_hooks import trace_context

from .test_flag import Client, Options

GATEWAY = "http://localhost:8002/gateway/r/run-1/v1/"


class Context(object):
    trace_id = 0xA1
    span_id = 0xB2
    trace_flags = 1
    is_valid = True


class Span(object):
    context = Context()

    def get_span_context(self):
        return self.context


def sent(base=GATEWAY, headers=None, client_headers=None):
    client = Client(base)
    client._custom_headers = client_headers
    options = Options({})
    options.headers = headers
    return trace_context.options(client, Span(), options).headers


class TheHeader(unittest.TestCase):
    def setUp(self):
        self.env = dict(os.environ)
        os.environ["AGL_SERVER_URL"] = "http://localhost:8002"

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.env)

    def test_names_the_span_beside_the_headers_of_the_program(self):
        wanted = "00-%032x-%016x-01" % (0xA1, 0xB2)
        self.assertEqual(sent(), {"traceparent": wanted})
        self.assertEqual(sent(headers={"x": "1"}), {"x": "1", "traceparent": wanted})

    def test_goes_to_our_gateway_alone(self):
        for base in ("http://localhost:8000/v1/", "https://api.openai.com/v1/"):
            self.assertIsNone(sent(base), base)

    def test_leaves_that_of_the_program(self):
        own = {"Traceparent": "00-1-2-01"}
        self.assertEqual(sent(headers=own), own)
        self.assertIsNone(sent(client_headers=own))

    def test_is_not_sent_of_a_span_without_a_context(self):
        self.addCleanup(setattr, Context, "is_valid", True)
        Context.is_valid = False
        self.assertIsNone(sent())
