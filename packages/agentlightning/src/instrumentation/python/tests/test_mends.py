import asyncio
import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import types
import unittest
import zipfile

from agentlightning_hooks import _importhook, _log, _patch, agentops_chat, agentops_versions, hosts, spans

URL = "https://api.agentops.ai/public/v1/traces/t"


def said_by(call, *args):
    """What a call writes to standard error."""
    said = io.StringIO()
    _log._said.clear()
    with contextlib.redirect_stderr(said):
        call(*args)
    return said.getvalue()


class AgentOps(unittest.TestCase):
    def setUp(self):
        self.kept = dict(os.environ)
        os.environ["AGL_SERVER_URL"] = "http://local:1"
        self.addCleanup(self.clean)

    def clean(self):
        _patch.undo_all()
        os.environ.clear()
        os.environ.update(self.kept)

    def test_validation_keeps_a_token_function_that_is_no_coroutine(self):
        asked = []
        module = types.ModuleType("agentops.validation")
        module.requests = types.SimpleNamespace(get=lambda url: asked.append(url), exceptions=ValueError)
        module.get_jwt_token = given = lambda api_key=None: "token"
        said_by(hosts.hook_agentops_validation, module)
        self.assertIs(module.get_jwt_token, given)
        said = said_by(module.requests.get, URL)
        self.assertEqual(asked, ["http://local:1/public/v1/traces/t"])
        self.assertEqual(said.count("\n"), 1)
        self.assertIs(module.requests.exceptions, ValueError)

    def test_validation_gives_no_token_without_a_server_and_does_not_raise(self):
        module = types.ModuleType("agentops.validation")

        async def get_jwt_token(api_key=None):
            return "theirs"

        module.get_jwt_token = get_jwt_token
        said_by(hosts.hook_agentops_validation, module)
        tokens = []
        said = said_by(lambda: tokens.append(asyncio.run(module.get_jwt_token())))
        self.assertEqual(tokens, [None])
        self.assertEqual(said.count("asking for a token failed"), 1)
        self.assertNotIn("Traceback", said)
        _patch.undo_all()
        self.assertIs(module.get_jwt_token, get_jwt_token)

    def test_the_name_that_streams_of_0_4_4_lack_is_given_and_taken_back(self):
        base = type("SpanAttributes", (), {"__module__": "agentops.semconv"})
        module = types.ModuleType("chat_wrappers")
        module.SpanAttributes = type("SpanAttributes", (base,), {})
        agentops_chat.hook_chat_wrappers(module)
        self.assertEqual(module.SpanAttributes.LLM_CONTENT_COMPLETION_CHUNK, "gen_ai.completion.chunk")
        _patch.undo_all()
        self.assertFalse(hasattr(module.SpanAttributes, "LLM_CONTENT_COMPLETION_CHUNK"))

    def test_an_exporter_of_metrics_made_before_is_turned_and_turned_back(self):
        exporter = types.SimpleNamespace(_endpoint="https://otlp.agentops.ai/v1/metrics")
        others = types.SimpleNamespace(_endpoint="http://elsewhere/v1/metrics")
        readers = [types.SimpleNamespace(_exporter=each) for each in (exporter, others)]
        sdk = types.SimpleNamespace(MeterProvider=types.SimpleNamespace(_all_metric_readers=readers))
        earlier = sys.modules.get("opentelemetry.sdk.metrics")
        sys.modules["opentelemetry.sdk.metrics"] = sdk
        try:
            said_by(hosts._turn_existing)
        finally:
            del sys.modules["opentelemetry.sdk.metrics"]
            if earlier is not None:
                sys.modules["opentelemetry.sdk.metrics"] = earlier
        self.assertEqual(exporter._endpoint, "http://local:1/v1/metrics")
        self.assertEqual(others._endpoint, "http://elsewhere/v1/metrics")
        _patch.undo_all()
        self.assertEqual(exporter._endpoint, "https://otlp.agentops.ai/v1/metrics")

    def test_a_version_of_no_known_form_is_said_with_what_still_works(self):
        folder = tempfile.mkdtemp()
        os.mkdir(os.path.join(folder, "sdk"))
        open(os.path.join(folder, "sdk", "core.py"), "w").close()
        module = types.ModuleType("agentops")
        module.__path__ = [folder]
        module.__version__ = "9.9"
        said = said_by(agentops_versions.hook_package, module)
        self.assertEqual(said.count("\n"), 1)
        self.assertIn("(9.9) is not known", said)
        self.assertIn("gateway", said)

    def test_the_limit_of_attributes_is_given_back_to_limits_made_meanwhile(self):
        class SpanLimits(object):
            def __init__(self, max_span_attributes=None):
                self.max_span_attributes = max_span_attributes or 128

        Span = type("Span", (), {"start": lambda self: None, "end": lambda self: None})
        for name in ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"):
            os.environ.pop(name, None)
        start, end, init = Span.start, Span.end, SpanLimits.__init__
        raise_existing, spans._raise_existing = spans._raise_existing, lambda: None
        try:
            spans.hook_sdk(types.SimpleNamespace(Span=Span, SpanLimits=SpanLimits))
        finally:
            spans._raise_existing = raise_existing
        made, asked = SpanLimits(), SpanLimits(128)
        self.assertEqual((made.max_span_attributes, asked.max_span_attributes), (4096, 128))
        _patch.undo_all()
        self.assertEqual(made.max_span_attributes, 128)
        self.assertIs(Span.start, start)
        self.assertIs(Span.end, end)
        self.assertIs(SpanLimits.__init__, init)


class AZipFile(unittest.TestCase):
    """Its one loader serves all of its modules."""

    def setUp(self):
        path = os.path.join(tempfile.mkdtemp(), "app.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("agl_zip_a.py", "A = 1\n")
            archive.writestr("agl_zip_b.py", "B = 1\n")
        sys.path.insert(0, path)
        self.addCleanup(sys.path.remove, path)
        self.hooked = []
        name = "agentlightning_hooks.stand_in"
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].hook = lambda module: self.hooked.append(module.__name__)
        for each in (name, "agl_zip_a", "agl_zip_b"):
            self.addCleanup(sys.modules.pop, each, None)
        self.addCleanup(_importhook.uninstall)

    def test_is_hooked_in_the_module_that_is_meant_and_only_when_that_is_executed(self):
        _importhook.install("agentlightning_hooks", {"agl_zip_a": ("stand_in", "hook")})

        def look_then_import():
            importlib.util.find_spec("agl_zip_a")
            import agl_zip_b  # noqa: F401

        said = said_by(look_then_import)
        self.assertEqual(self.hooked, [])
        said += said_by(__import__, "agl_zip_a")
        if sys.version_info >= (3, 10):
            self.assertEqual((self.hooked, said), (["agl_zip_a"], ""))
        else:
            self.assertIn("was left out", said)


if __name__ == "__main__":
    unittest.main()
