"""Reading replies of which nothing is known: dictionaries, pydantic objects of the clients, or anything else."""

BEYOND = 2**32


def object_of(value):
    """The members of a dictionary or of a client's reply object; None for anything else. Never a copy of fields
    that the object does not have: a mock has none."""
    if type(value) is dict:
        return value
    if isinstance(value, dict):
        return dict(value)
    kind = type(value)
    if not (hasattr(kind, "__pydantic_fields__") or hasattr(kind, "model_fields") or hasattr(kind, "__fields__")):
        return None
    try:
        fields = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    try:
        extra = object.__getattribute__(value, "__pydantic_extra__")
    except AttributeError:
        extra = None
    if not extra:
        return fields
    members = dict(fields)
    members.update(extra)
    return members


def list_of(value):
    return value if isinstance(value, (list, tuple)) else ()


def text_of(value):
    return value if isinstance(value, str) and value else None


def count_of(value):
    """A whole number that is not negative."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def pluck(items, member):
    """The member of every item of a list, None where an item has none."""
    return [(object_of(item) or {}).get(member) for item in items]


def is_nested(value):
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, (list, tuple)) for item in value)


def lists_of(value):
    """The lists of a value that is a list of lists; a flat list is the only one."""
    return value if is_nested(value) else [value]


def ids_of(value):
    """A list of token ids as integers; None when anything in it is no id."""
    if is_nested(value) and len(value) == 1:
        value = value[0]
    if not isinstance(value, (list, tuple)):
        return None
    kinds = set(map(type, value))
    if kinds == {int}:
        return list(value) if min(value) >= 0 and max(value) < BEYOND else None
    ids = [count_of(item) for item in value]
    return None if any(item is None or item >= BEYOND for item in ids) else ids


def plain(value):
    """A reply's value as JSON can write it."""
    members = object_of(value)
    if members is not None:
        return {str(key): plain(member) for key, member in members.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
