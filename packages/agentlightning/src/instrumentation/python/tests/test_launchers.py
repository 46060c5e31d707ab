import os
import types
import unittest
from unittest import mock

from agentlightning_hooks import _patch, launchers

OURS = launchers._SITE


class OpentelemetryInstrument(unittest.TestCase):
    def path_after(self, *entries):
        """PYTHONPATH as the program gets it."""
        seen = []
        module = types.ModuleType("auto_instrumentation")
        module.execl = lambda *args: seen.append((args, os.environ.get("PYTHONPATH")))
        launchers.hook_opentelemetry(module)
        self.addCleanup(_patch.undo_all)
        with mock.patch.dict(os.environ, {"PYTHONPATH": os.pathsep.join(entries)}):
            module.execl("python", "python", "agent.py")
        ((args, path),) = seen
        self.assertEqual(args, ("python", "python", "agent.py"))
        return path.split(os.pathsep)

    def test_comes_behind_our_loader_which_runs_its_own(self):
        self.assertEqual(self.path_after("/otel", "/project", OURS, "/more"), [OURS, "/otel", "/project", "/more"])

    def test_is_left_alone_where_our_loader_is_not_in_the_path(self):
        self.assertEqual(self.path_after("/otel", "", "/project"), ["/otel", "", "/project"])
        self.assertEqual(self.path_after(""), [""])
