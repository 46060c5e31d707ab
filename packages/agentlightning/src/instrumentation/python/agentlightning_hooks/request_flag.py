"""Asks the server for token ids, where it gives none unasked: `return_token_ids: true` in the body.

Not sent to hosted services and to our own gateway, which asks by itself. A server that refuses it gets the call
again without it, once, and is not asked again. AGL_HOOKS_REQUEST_FLAG=0 turns it off.
"""

import os
import re
import threading

from . import _log
from ._values import list_of, object_of

_HOSTED = re.compile(
    r"(^|\.)(openai\.com|anthropic\.com|openai\.azure\.com|cognitiveservices\.azure\.com|googleapis\.com"
    r"|mistral\.ai|groq\.com|x\.ai|deepseek\.com|openrouter\.ai|together\.xyz|together\.ai|fireworks\.ai)$"
)
_PLAIN = {"return_token_ids": True}
# SGLang refuses the flag in chat streams and has another one for them.
_SGLEXT = {"return_input_ids_in_sglext": True, "return_output_ids_in_sglext": True}
_refusals = {}
_lock = threading.Lock()


class Flag(object):
    """The flag of one call."""

    def __init__(self, client, options, path, stream):
        self.key = (address_of(client), path, bool(stream))
        sent = dict(object_of(options.json_data) or {})
        sent.update(object_of(options.extra_json) or {})
        self._asks_last = any(name in sent for name in _SGLEXT)
        self.members = self._members(path, sent) if isinstance(options.json_data, dict) else None

    def gives_last(self):
        """Whether the ids are asked for, by the program or by us, as a frame after all others."""
        return self._asks_last or self.members is _SGLEXT

    def _members(self, path, sent):
        if os.environ.get("AGL_HOOKS_REQUEST_FLAG", "1") in ("0", "false", ""):
            return None
        asked = any(name in sent for name in list(_PLAIN) + list(_SGLEXT))
        # With `echo` the flag changes the text of vLLM's reply.
        if path == "/responses" or asked or sent.get("echo"):
            return None
        host = _host(self.key[0])
        if host is None or _HOSTED.search(host) or is_gateway(self.key[0]):
            return None
        return _refusals.get(self.key, _PLAIN)

    def options(self, options):
        """The options with the flag; the same object where there is nothing to add."""
        if not self.members:
            return options
        try:
            extra = dict(options.extra_json or {})
            extra.update(self.members)
            return changed(options, extra_json=extra)
        except Exception as error:
            _log.failed("adding the request flag", error)
            self.members = None
            return options

    def refused(self, error):
        """Whether the server refused the flag by its name; then the call is to be sent again."""
        try:
            return self._refused(error)
        except Exception as failure:
            _log.failed("reading a refusal", failure)
            return False

    def _refused(self, error):
        if getattr(error, "status_code", None) not in (400, 422) or not self.members:
            return False
        said = str(error)
        response = getattr(error, "response", None)
        if response is not None:
            said += getattr(response, "text", "")
        if not any(name in said for name in self.members):
            return False
        takes_sglext = self.members is _PLAIN and self.key[2] and "not supported with stream" in said
        self.members = _SGLEXT if takes_sglext else {}
        with _lock:
            _refusals[self.key] = self.members
        _log.info_once("%s refuses the request flag for token ids; %s" % (self.key[0], _instead(takes_sglext)))
        return True

    def is_extra(self, chunk):
        """A frame that holds ids alone, which the program did not ask for."""
        if self.members is not _SGLEXT:
            return False
        members = object_of(chunk) or {}
        return bool(members.get("sglext")) and not list_of(members.get("choices")) and not members.get("usage")


def _instead(takes_sglext):
    return "asked in SGLang's way instead" if takes_sglext else "calls go without it, and without ids"


def changed(options, **members):
    """A copy of a request's options with these members."""
    copy = getattr(options, "model_copy", None) or options.copy
    return copy(update=members)


def address_of(client):
    """The base URL of a client, without a slash at its end."""
    return str(getattr(client, "base_url", "") or "").rstrip("/")


def _host(address):
    found = re.match(r"^\w+://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", address)
    return found.group(1).lower() if found else None


def is_gateway(address):
    """Whether a base URL is one of our gateway."""
    server = os.environ.get("AGL_SERVER_URL", "").rstrip("/")
    gateway = bool(server) and address.startswith(server + "/")
    return gateway or bool(re.search(r"/(gateway(/r/[^/]+)?|rollout/[^/]+/attempt/[^/]+|k/[^/]+)(/v1)?$", address))
