"""JSON that two parsers cannot read differently.

A body is refused when it is not UTF-8, says a key twice, holds a lone surrogate, NaN, or a number beyond 64
bits, or is nested too deep: in each case the model server might read something else than what was scanned.
"""

import json

import orjson

DEPTH = 64


class JsonError(ValueError):
    """Says what was expected and found, and never quotes the text."""


def parse(data: bytes) -> object:
    if _depth(data) > DEPTH:
        raise JsonError(f"expected a nesting of at most {DEPTH} levels, found more")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        found = f"a fault at {place}: {error.msg}" if data.strip() else "nothing"
        raise JsonError(f"expected JSON, found {found}") from None
    _STRICT.decode(data.decode())
    return value


def _depth(data: bytes) -> int:
    """The deepest nesting, brackets in strings left out; a plain loop would be slow on large bodies."""
    deepest = depth = 0
    for mark in _without_strings(data).translate(None, _NOT_BRACKETS):
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _without_strings(data: bytes) -> bytes:
    """What stands outside the strings: every second piece between quotes, escapes taken out first."""
    return b"".join(data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])


def _once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise JsonError("expected every key of an object once, found one twice")


def _small(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (number := int(digits)) < 2**64:
        raise JsonError("expected integers of at most 64 bits, found a longer one")
    return number


# Made once: it takes longer to make than to read a short body.
_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_int=_small)
