"""JSON that two parsers cannot read differently.

A body is refused when it is not UTF-8, says a key twice, holds a lone surrogate, NaN, or a number beyond 64
bits, or is nested too deep: in each case the model server might read something else than what was scanned.
"""

import json

import orjson

DEPTH = 64


class JsonError(ValueError):
    """Says what is wrong, and never quotes the text."""


def parse(data: bytes) -> object:
    if _depth(data) > DEPTH:
        raise JsonError(f"is nested deeper than {DEPTH} levels")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise JsonError(
            f"is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    json.loads(data, object_pairs_hook=_once, parse_int=_small)
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
        raise JsonError("says a key twice in one object")


def _small(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (number := int(digits)) < 2**64:
        raise JsonError("holds an integer beyond 64 bits")
    return number
