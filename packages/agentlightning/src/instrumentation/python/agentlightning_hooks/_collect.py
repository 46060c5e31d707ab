"""Gathers the token ids of one reply, plain or in the chunks of a stream, of every choice."""

from ._shapes import SHAPES, Part
from ._values import count_of, ids_of, list_of, object_of, plain, text_of

_ALL = -1


class Collector(object):
    """What one reply says of its tokens. Reading never raises for odd values: what is no id is not used."""

    def __init__(self):
        self.response_id = None
        self.choices = set()
        self.logprobs = {"content": [], "refusal": []}
        self.chunks = 0
        self._prompts = {}
        self._responses = {}
        self._broken = set()
        self._ended = set()
        self._shape = None

    def reply(self, value, at=0):
        """Reads a plain reply; `at` is its place where a reply is a list of several."""
        members = object_of(value)
        if members is None:
            return
        self._read(members, False, (_choice_of(members) or 0) if at == 0 else at)

    def chunk(self, value):
        """Reads one frame of a stream."""
        members = object_of(value)
        if members is None:
            return
        self.chunks += 1
        inner = object_of(members.get("response")) or object_of(members.get("message"))
        if isinstance(members.get("type"), str) and inner is not None:
            members = inner
        self._read(members, True, _choice_of(members) or 0)

    def _read(self, members, streamed, choice):
        if self.response_id is None:
            meta = object_of(members.get("meta_info")) or {}
            self.response_id = text_of(members.get("id")) or text_of(meta.get("id"))
        part = Part(members, streamed, choice)
        self.choices.update(index for index, _ in part.choices)
        self._ended.update(index for index, entry in part.choices if entry.get("finish_reason"))
        self._read_logprobs(part)
        for shape in SHAPES:
            self._shape = shape
            shape(part, self)

    def _read_logprobs(self, part):
        for index, entry in part.choices:
            logprobs = object_of(entry.get("logprobs"))
            if index != 0 or logprobs is None:
                continue
            for member in ("content", "refusal"):
                self.logprobs[member].extend(plain(item) for item in list_of(logprobs.get(member)))
            values = list_of(logprobs.get("token_logprobs"))
            tokens = list_of(logprobs.get("tokens"))
            for at, value in enumerate(values):
                token = tokens[at] if at < len(tokens) else None
                self.logprobs["content"].append({"token": plain(token), "logprob": value})

    # What the shapes call. None says nothing and an empty list is none.

    def prompt(self, value):
        self._once(_ALL, value)

    def prompt_of(self, choice, value):
        self._once(choice, value)

    def response(self, choice, value):
        if _says(value):
            self._append(self._responses, choice, value)

    def response_so_far(self, choice, value):
        if _says(value):
            self._responses.setdefault(choice, {}).pop(self._shape, None)
            self._append(self._responses, choice, value)

    def _once(self, choice, value):
        if _says(value) and not self._prompts.get(choice, {}).get(self._shape):
            self._append(self._prompts, choice, value)

    def _append(self, lists, choice, value):
        found = lists.setdefault(choice, {}).setdefault(self._shape, [])
        ids = ids_of(value)
        if ids is None:
            self._broken.add((id(lists), choice, self._shape))
        else:
            found.extend(ids)

    # What was found.

    def all_choices(self):
        """The numbers of all choices, in order."""
        found = self.choices | set(self._responses) | set(self._prompts)
        return sorted(found - {_ALL})

    def response_ids(self, choice):
        """The ids of one choice, or None."""
        return self._chosen(self._responses, (choice,))

    def prompt_ids(self, choice=None):
        """The prompt of one choice; without one, the prompt that all choices share, or None where they differ."""
        if choice is not None:
            return self._chosen(self._prompts, (choice, _ALL))
        choices = self.all_choices()
        if not choices:
            return self._chosen(self._prompts, (_ALL,))
        prompts = [ids for ids in (self.prompt_ids(each) for each in choices) if ids is not None]
        return prompts[0] if prompts and all(ids == prompts[0] for ids in prompts) else None

    def have_ended(self, count):
        """Whether so many choices, and all that were seen, have a finish reason: no more ids come then."""
        return len(self.choices) >= count and self.choices <= self._ended

    def is_partial(self):
        """Whether there was more of the reply than what is here."""
        return False

    def ids_come_last(self):
        """Whether the server was asked for ids in a way that gives them with its last frame."""
        return False

    def has_ids(self):
        return any(self.response_ids(choice) for choice in self.all_choices()) or self.prompt_ids() is not None

    def _chosen(self, lists, choices):
        for shape in SHAPES:
            for choice in choices:
                ids = lists.get(choice, {}).get(shape)
                if ids and (id(lists), choice, shape) not in self._broken:
                    return ids
        return None


def _says(value):
    return value is not None and not (isinstance(value, (list, tuple)) and len(value) == 0)


def _choice_of(members):
    """The choice that a reply without `choices` belongs to: llama.cpp and SGLang number them."""
    numbered = isinstance(members.get("content"), str) or object_of(members.get("meta_info")) is not None
    return count_of(members.get("index")) if numbered else None
