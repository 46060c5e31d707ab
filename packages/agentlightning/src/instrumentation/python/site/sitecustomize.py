"""Loads the Agent Lightning hooks into every Python that finds this folder on PYTHONPATH.

Python imports `sitecustomize` by itself at its start. One that was there before, further along `sys.path`, runs
as it did: it takes this module's place. The syntax is kept to what Python 2 understands, because PYTHONPATH
reaches any interpreter that a program starts.
"""

import os
import sys


def _run_the_other(own_folder):
    own = sys.modules.pop("sitecustomize", None)
    kept = list(sys.path)
    sys.path[:] = [entry for entry in kept if os.path.abspath(entry or ".") != own_folder]
    reduced = list(sys.path)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        # What the other one added to the path stays; the folder of this module comes back to its place.
        if sys.path == reduced:
            sys.path[:] = kept
        else:
            sys.path.extend(entry for entry in kept if entry not in sys.path)
        if "sitecustomize" not in sys.modules and own is not None:
            sys.modules["sitecustomize"] = own


def _install():
    wanted = os.environ.get("AGL_HOOKS", "1").lower() not in ("0", "false", "no", "off", "")
    if sys.version_info < (3, 8) or not wanted:
        return
    # Where this file really is: a link to its folder has no package beside it.
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if home not in sys.path:
        sys.path.append(home)
    try:
        import agentlightning_hooks

        agentlightning_hooks.instrument_agentops()
    except Exception as error:
        sys.stderr.write("agentlightning: the hooks were not loaded: %r\n" % (error,))


_folder = os.path.dirname(os.path.abspath(__file__))
try:
    _run_the_other(_folder)
finally:
    _install()
