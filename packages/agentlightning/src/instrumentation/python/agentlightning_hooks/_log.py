"""What the hooks say: one line for each kind of failure, details only with AGL_HOOKS_DEBUG=1."""

import logging
import os
import threading

_logger = logging.getLogger("agentlightning_hooks")
_said = set()
_lock = threading.Lock()


class _Stderr(logging.Handler):
    """Writes to the standard error of the moment; nothing of the program's logging is changed."""

    def emit(self, record):
        import sys

        try:
            sys.stderr.write("agentlightning: %s\n" % record.getMessage())
        except Exception:
            pass


def _wanted_level():
    debug = os.environ.get("AGL_HOOKS_DEBUG", "0") not in ("", "0", "false")
    return logging.DEBUG if debug else logging.INFO


if not _logger.handlers:
    _logger.addHandler(_Stderr())
    _logger.setLevel(_wanted_level())
    _logger.propagate = False


def debug(text, *values):
    _logger.debug(text, *values)


def info_once(text):
    """Says something once in the life of the process."""
    _once(text, _logger.info, text)


def warn_once(text):
    _once(text, _logger.warning, text)


def failed(doing, error):
    """A failure in a hook: one line, once for each place; the program goes on without that hook."""
    text = "%s failed and was left out: %s: %s" % (doing, type(error).__name__, error)
    _once(doing, _logger.warning, text)
    _logger.debug("%s", doing, exc_info=True)


def _once(key, say, text):
    with _lock:
        if key in _said:
            return
        _said.add(key)
    say("%s", text)
