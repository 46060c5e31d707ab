import contextlib
import importlib
import io
import os
import sys
import tempfile
import types
import unittest

import agentlightning_hooks
from agentlightning_hooks import _importhook, _log, _patch

PACKAGE = "agentlightning_hooks"


class Followed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        sys.path.insert(0, self.folder)
        self.seen = []
        stand_in = types.ModuleType(PACKAGE + ".stand_in")
        stand_in.hook = self.hook
        sys.modules[PACKAGE + ".stand_in"] = stand_in
        self.addCleanup(self.clean)

    def clean(self):
        _importhook.uninstall()
        sys.path.remove(self.folder)
        for name in ("agl_followed", PACKAGE + ".stand_in"):
            sys.modules.pop(name, None)

    def hook(self, module):
        self.seen.append(module)
        _patch.wrap(module, "double", lambda double, is_active: lambda x: double(x) + (1000 if is_active() else 0))

    def write(self, text="def double(x):\n    return 2 * x\n"):
        with open(os.path.join(self.folder, "agl_followed.py"), "w") as file:
            file.write(text)
        importlib.invalidate_caches()

    def install(self):
        _importhook.install(PACKAGE, {"agl_followed": ("stand_in", "hook")})

    def test_is_hooked_when_it_is_imported_and_not_before(self):
        self.write()
        self.install()
        self.assertEqual(self.seen, [])
        import agl_followed

        self.assertEqual(self.seen, [agl_followed])
        self.assertEqual(agl_followed.double(2), 1004)
        self.assertEqual(agl_followed.__spec__.loader.__class__.__name__, "SourceFileLoader")

    def test_is_hooked_when_it_is_there_already_and_only_once(self):
        self.write()
        import agl_followed

        self.install()
        self.install()
        self.assertEqual(agl_followed.double(2), 1004)
        self.assertEqual(len(self.seen), 1)

    def test_is_as_it_was_after_taking_back_and_can_be_hooked_again(self):
        self.write()
        import agl_followed

        original = agl_followed.double
        self.install()
        kept = agl_followed.double
        self.assertTrue(_importhook.uninstall())
        self.assertIs(agl_followed.double, original)
        self.assertEqual(kept(2), 4)
        self.assertFalse(any(type(each).__module__.startswith(PACKAGE) for each in sys.meta_path))
        self.assertFalse(_importhook.uninstall())
        self.install()
        self.assertEqual(agl_followed.double(2), 1004)

    def test_raises_what_it_raised_without_us(self):
        self.write("raise ValueError('mine')\n")
        self.install()
        with self.assertRaisesRegex(ValueError, "mine"):
            import agl_followed  # noqa: F401
        self.assertNotIn("agl_followed", sys.modules)

    def test_runs_on_after_a_failing_hook_which_says_one_line(self):
        self.write()

        def broken(module):
            raise RuntimeError("broken hook")

        sys.modules[PACKAGE + ".stand_in"].hook = broken
        self.install()
        said = io.StringIO()
        _log._said.clear()
        with contextlib.redirect_stderr(said):
            import agl_followed
        self.assertEqual(agl_followed.double(2), 4)
        self.assertEqual(said.getvalue().count("\n"), 1)
        self.assertIn("broken hook", said.getvalue())


class Wrapped(unittest.TestCase):
    def tearDown(self):
        _patch.undo_all()

    def test_inherited_methods_are_given_back_to_their_class(self):
        class Base(object):
            def f(self):
                return 1

        class Derived(Base):
            pass

        _patch.wrap(Derived, "f", lambda f, is_active: lambda self: f(self) + 1)
        self.assertEqual((Base().f(), Derived().f()), (1, 2))
        _patch.undo_all()
        self.assertNotIn("f", Derived.__dict__)
        self.assertEqual(Derived().f(), 1)

    def test_what_others_wrapped_meanwhile_stays_and_passes_through(self):
        class Thing(object):
            def f(self):
                return 1

        _patch.wrap(Thing, "f", lambda f, is_active: lambda self: f(self) + (10 if is_active() else 0))
        inner = Thing.f
        theirs = lambda self: inner(self) + 100  # noqa: E731
        theirs._agl_state = inner._agl_state
        Thing.f = theirs
        self.assertEqual(Thing().f(), 111)
        _patch.undo_all()
        self.assertIs(Thing.__dict__["f"], theirs)
        self.assertEqual(Thing().f(), 101)
        _patch.wrap(Thing, "f", lambda f, is_active: None)
        self.assertEqual(Thing().f(), 111)

    def test_absent_names_are_left_alone(self):
        self.assertFalse(_patch.wrap(types.ModuleType("m"), "missing", lambda f, is_active: f))


class ThePackage(unittest.TestCase):
    def test_says_whether_it_is_on(self):
        self.assertTrue(agentlightning_hooks.instrument_agentops())
        self.assertTrue(agentlightning_hooks.instrument_agentops())
        self.assertTrue(agentlightning_hooks.is_instrumented())
        self.assertTrue(agentlightning_hooks.uninstrument_agentops())
        self.assertFalse(agentlightning_hooks.is_instrumented())
        self.assertFalse(agentlightning_hooks.uninstrument_agentops())


if __name__ == "__main__":
    unittest.main()
