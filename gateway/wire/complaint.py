"""What is wrong with a request, and where.

Rule: it names the field and what was expected, and never repeats a value.
"""

import re

from gateway.errors import ApiError, bad_request

Path = tuple[str | int, ...]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


def expected(what: str, path: Path, found: str) -> ApiError:
    """`found` is a kind or a count, never the value."""
    field = written(path)
    said = f"{field or 'The body'}: expected {what}, found {found}."
    return bad_request(said, field or None, "invalid_value")


def unsupported(path: Path) -> ApiError:
    return bad_request(f"{written(path)}: not supported here.", written(path), "unsupported_field")


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a number with a fraction"
        case list():
            return "a list"
    return "an object"


def written(path: Path) -> str:
    """`messages[0].content`; a name that is not a plain word is the client's text and is not repeated."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if NAME.fullmatch(step) else "?")
    return text
