import contextlib
import copy
import io
import os
import unittest

from agentlightning_hooks import _log, hosts, request_flag


class Client(object):
    def __init__(self, base_url="http://127.0.0.1:8000/v1/"):
        self.base_url = base_url


class Options(object):
    def __init__(self, body, extra=None):
        self.json_data = body
        self.extra_json = extra

    def model_copy(self, update):
        other = copy.copy(self)
        other.__dict__.update(update)
        return other


class Refusal(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status_code = status


CHAT = "/chat/completions"


def sent(client, body, path=CHAT, stream=False, extra=None):
    return request_flag.Flag(client, Options(body, extra), path, stream).options(Options(body, extra)).extra_json


class TheFlag(unittest.TestCase):
    def setUp(self):
        request_flag._refusals.clear()
        _log._said.clear()
        self.env = dict(os.environ)

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.env)

    def test_is_added_beside_what_the_program_sends(self):
        self.assertEqual(sent(Client(), {"model": "m"}, extra={"top_k": 1}), {"top_k": 1, "return_token_ids": True})

    def test_is_not_added_where_it_is_not_wanted(self):
        for base in ("https://api.openai.com/v1/", "https://x.openai.azure.com/openai/", "https://openrouter.ai/api/v1"):
            self.assertIsNone(sent(Client(base), {"model": "m"}), base)
        for body in ({"echo": True}, {"return_token_ids": False}, {"return_output_ids_in_sglext": True}, None, "text"):
            self.assertIsNone(sent(Client(), body), body)
        self.assertEqual(sent(Client(), {}, extra={"return_token_ids": False}), {"return_token_ids": False})
        self.assertIsNone(sent(Client(), {}, path="/responses"))

    def test_is_left_to_our_gateway(self):
        os.environ["AGL_SERVER_URL"] = "http://localhost:8002"
        for base in ("http://localhost:8002/gateway/v1/", "http://10.0.0.1:9/gateway/r/run-1/v1", "http://h/k/key/v1"):
            self.assertIsNone(sent(Client(base), {}), base)

    def test_says_when_ids_come_after_everything_else(self):
        def last(body, extra=None):
            return request_flag.Flag(Client(), Options(body, extra), CHAT, True).gives_last()

        self.assertFalse(last({}) or last(None))
        self.assertTrue(last({}, {"return_output_ids_in_sglext": True}))
        request_flag._refusals[(Client().base_url.rstrip("/"), CHAT, True)] = request_flag._SGLEXT
        self.assertTrue(last({}))

    def test_can_be_turned_off(self):
        os.environ["AGL_HOOKS_REQUEST_FLAG"] = "0"
        self.assertIsNone(sent(Client(), {}))

    def test_is_given_up_when_refused_by_name_and_not_tried_again(self):
        flag = request_flag.Flag(Client(), Options({}), CHAT, False)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertTrue(flag.refused(Refusal(422, "Unexpected fields in the request: {'return_token_ids'}")))
        self.assertEqual(said.getvalue().count("\n"), 1)
        options = Options({})
        self.assertIs(flag.options(options), options)
        self.assertFalse(flag.refused(Refusal(422, "return_token_ids")))
        self.assertIsNone(sent(Client(), {}))
        self.assertIsNotNone(sent(Client(), {}, stream=True))

    def test_is_kept_after_other_errors(self):
        flag = request_flag.Flag(Client(), Options({}), CHAT, False)
        for error in (Refusal(400, "too long"), Refusal(500, "return_token_ids"), ValueError("return_token_ids")):
            self.assertFalse(flag.refused(error))
        self.assertIsNotNone(sent(Client(), {}))

    def test_becomes_sglangs_own_in_its_chat_streams(self):
        flag = request_flag.Flag(Client(), Options({}), CHAT, True)
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertTrue(flag.refused(Refusal(400, "return_token_ids is not supported with streaming on it")))
        self.assertEqual(set(sent(Client(), {}, stream=True)), set(request_flag._SGLEXT))
        self.assertTrue(flag.is_extra({"choices": [], "usage": None, "sglext": {"output_ids": [[1]]}}))
        self.assertFalse(flag.is_extra({"choices": [], "usage": {"total_tokens": 1}, "sglext": {"output_ids": [[1]]}}))
        self.assertFalse(flag.is_extra({"choices": [{"index": 0}]}))
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertTrue(flag.refused(Refusal(400, "unknown field return_input_ids_in_sglext")))
        self.assertIsNone(sent(Client(), {}, stream=True))


class Hosts(unittest.TestCase):
    def setUp(self):
        self.env = dict(os.environ)
        for name in ("AGL_SERVER_URL", "AGENTOPS_API_ENDPOINT", "AGL_HOOKS_HOSTS"):
            os.environ.pop(name, None)
        _log._said.clear()

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.env)

    def redirected(self, url):
        with contextlib.redirect_stderr(io.StringIO()):
            return hosts.redirected(url, "it")

    def test_of_agentops_are_turned_while_a_local_server_is_known(self):
        url = "https://otlp.agentops.ai/v1/metrics"
        self.assertEqual(self.redirected(url), url)
        os.environ["AGENTOPS_API_ENDPOINT"] = "https://api.agentops.ai"
        self.assertEqual(self.redirected(url), url)
        os.environ["AGENTOPS_API_ENDPOINT"] = "http://localhost:1/"
        self.assertEqual(self.redirected(url), "http://localhost:1/v1/metrics")
        os.environ["AGL_SERVER_URL"] = "http://localhost:2"
        self.assertEqual(self.redirected("https://otlp.agentops.cloud/v1/traces"), "http://localhost:2/v1/traces")
        for other in ("https://agentops.ai.example.com/x", "https://example.com", None, 5):
            self.assertEqual(self.redirected(other), other)
        os.environ["AGL_HOOKS_HOSTS"] = "0"
        self.assertEqual(self.redirected(url), url)


if __name__ == "__main__":
    unittest.main()
