"""Where each kind of server puts token ids into its replies, in the order of precedence: for each choice the first
shape that gave a usable list wins, and ids that are read out of logprobs come last.

Each shape is a function of a part (a reply, or a frame of a stream) and of what takes the finds.
"""

from ._values import count_of, is_nested, list_of, lists_of, object_of, pluck

LAST_CHOICE = 65535


class Part(object):
    """A plain reply or one frame of a stream, with its choices as (index, members)."""

    __slots__ = ("members", "choices", "choice", "streamed")

    def __init__(self, members, streamed, choice=0):
        self.members = members
        self.streamed = streamed
        self.choice = choice
        self.choices = []
        taken = set()
        for at, item in enumerate(list_of(members.get("choices"))):
            entry = object_of(item)
            if entry is None:
                continue
            said = count_of(entry.get("index"))
            index = at if said is None or (not streamed and said in taken) else said
            if index <= LAST_CHOICE:
                taken.add(index)
                self.choices.append((index, entry))


def prompt_token_ids(part, finds):
    """vLLM chat, plain and on the role chunk of each choice of a stream; LiteLLM in front of it."""
    ids = part.members.get("prompt_token_ids")
    if ids is None or is_nested(ids):
        return
    if part.streamed and len(part.choices) == 1:
        finds.prompt_of(part.choices[0][0], ids)
    else:
        finds.prompt(ids)


def nested_prompt_token_ids(part, finds):
    """TensorRT-LLM: one list per prompt; the choices of one prompt follow each other."""
    lists = part.members.get("prompt_token_ids")
    if lists is None or not is_nested(lists):
        return
    if len(lists) == 1:
        finds.prompt(lists[0])
        return
    each, rest = divmod(len(part.choices), len(lists))
    for index, _ in part.choices:
        at = index // each if each and not rest else index
        finds.prompt_of(index, lists[at] if at < len(lists) else None)


def choice_prompt_token_ids(part, finds):
    """vLLM and SGLang completions, SGLang chat."""
    for index, entry in part.choices:
        finds.prompt_of(index, entry.get("prompt_token_ids"))


def choice_token_ids(part, finds):
    """vLLM from 0.10.2."""
    for index, entry in part.choices:
        finds.response(index, entry.get("token_ids"))


def choice_response_token_ids(part, finds):
    """SGLang chat with `return_token_ids`."""
    for index, entry in part.choices:
        finds.response(index, entry.get("response_token_ids"))


def provider_specific_fields(part, finds):
    """LiteLLM moves the members that it does not know there; None without any."""
    for index, entry in part.choices:
        finds.response(index, (object_of(entry.get("provider_specific_fields")) or {}).get("token_ids"))


def response_token_ids(part, finds):
    """The vLLM below 0.10.2 that `agl vllm` patched: one list per choice."""
    lists = part.members.get("response_token_ids")
    if lists is None:
        return
    for choice, ids in enumerate(lists_of(lists)):
        finds.response(choice, ids)


def sglext(part, finds):
    """SGLang's extension of chat replies, the only ids of its chat streams."""
    extension = object_of(part.members.get("sglext"))
    if extension is None:
        return
    finds.prompt(extension.get("input_ids"))
    for choice, ids in enumerate(lists_of(extension.get("output_ids"))):
        finds.response_so_far(choice, ids)


def raw_messages(part, finds):
    """vLLM's Responses API with `enable_response_messages`."""
    finds.prompt(_tokens_of(part.members.get("input_messages")))
    finds.response_so_far(part.choice, _tokens_of(part.members.get("output_messages")))


def sglang_generate(part, finds):
    """SGLang's own `/generate`; a stream repeats its lists from their start unless told otherwise."""
    meta = object_of(part.members.get("meta_info"))
    ids = part.members.get("output_ids")
    if meta is None and ids is None:
        return
    meta = meta or {}
    total = count_of(meta.get("completion_tokens"))
    is_delta = part.streamed and isinstance(ids, (list, tuple)) and total is not None and len(ids) < total
    if is_delta:
        finds.response(part.choice, ids)
    else:
        finds.response_so_far(part.choice, ids)
    output = list_of(meta.get("output_token_logprobs"))
    if ids is None and output:
        finds.response_so_far(part.choice, _column(output, 1))
    given = list_of(meta.get("input_token_logprobs"))
    if given:
        finds.prompt_of(part.choice, _column(given, 1))


def tgi(part, finds):
    """Text Generation Inference: `details` of `/generate`, `token` of each event of its stream."""
    token = object_of(part.members.get("token"))
    if part.streamed and token is not None:
        finds.response(part.choice, [token.get("id")])
    details = object_of(part.members.get("details"))
    if details is None:
        return
    others = [object_of(other) for other in list_of(details.get("best_of_sequences"))]
    for at, sequence in enumerate([details] + others):
        if sequence is None:
            continue
        prefill = list_of(sequence.get("prefill"))
        if prefill:
            finds.prompt_of(part.choice + at, pluck(prefill, "id"))
        tokens = list_of(sequence.get("tokens"))
        if tokens:
            finds.response(part.choice + at, pluck(tokens, "id"))


def llama_cpp_native(part, finds):
    """llama.cpp's own `/completion` with `return_tokens`."""
    if isinstance(part.members.get("content"), str):
        finds.response(part.choice, part.members.get("tokens"))


def llama_cpp_verbose(part, finds):
    """llama.cpp chat with `verbose` and `return_tokens`."""
    ids = (object_of(part.members.get("__verbose")) or {}).get("tokens")
    finds.response(part.choices[0][0] if part.choices else 0, ids)


def tinker_sequences(part, finds):
    for choice, item in enumerate(list_of(part.members.get("sequences"))):
        finds.response(choice, (object_of(item) or {}).get("tokens"))


def token_id_strings(part, finds):
    """vLLM with `return_tokens_as_token_ids`: `token_id:N` in place of the tokens' text."""
    for index, entry in part.choices:
        logprobs = object_of(entry.get("logprobs"))
        if logprobs is None:
            continue
        content = logprobs.get("content")
        tokens = pluck(content, "token") if isinstance(content, (list, tuple)) else list_of(logprobs.get("tokens"))
        if tokens and isinstance(tokens[0], str) and tokens[0].startswith("token_id:"):
            finds.response(index, [_id_in(token) for token in tokens])


def llama_cpp_probabilities(part, finds):
    ids = pluck(list_of(part.members.get("completion_probabilities")), "id")
    if any(item is not None for item in ids):
        finds.response(part.choice, ids)


def logprob_ids(part, finds):
    """llama.cpp: of a character of several tokens only the last id is there."""
    for index, entry in part.choices:
        logprobs = object_of(entry.get("logprobs"))
        if logprobs is None:
            continue
        ids = pluck(list_of(logprobs.get("content")), "id")
        if any(item is not None for item in ids):
            finds.response(index, ids)


def _tokens_of(messages):
    if not isinstance(messages, (list, tuple)):
        return messages
    lists = [tokens for tokens in pluck(messages, "tokens") if tokens is not None]
    odd = [tokens for tokens in lists if not isinstance(tokens, (list, tuple))]
    return odd[0] if odd else [token for tokens in lists for token in tokens]


def _column(rows, at):
    return [row[at] if isinstance(row, (list, tuple)) and len(row) > at else None for row in rows]


def _id_in(token):
    digits = token[len("token_id:") :] if isinstance(token, str) and token.startswith("token_id:") else ""
    return int(digits) if digits.isascii() and digits.isdigit() else token


SHAPES = (
    prompt_token_ids,
    nested_prompt_token_ids,
    choice_prompt_token_ids,
    choice_token_ids,
    choice_response_token_ids,
    provider_specific_fields,
    response_token_ids,
    sglext,
    raw_messages,
    sglang_generate,
    tgi,
    llama_cpp_native,
    llama_cpp_verbose,
    tinker_sequences,
    token_id_strings,
    llama_cpp_probabilities,
    logprob_ids,
)
