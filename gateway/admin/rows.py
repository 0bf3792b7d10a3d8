"""Sample traffic: one conversation a line, as people keep it.

Rules: taken are texts, objects with `prompt`, `question` or `text`, and request bodies with `messages`; of
`answer`, `response` or `completion` the first is the model's answer. All else in a row is left alone. What is
wrong is told with the row's number, never with what stands in it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from policy.surface import Role

ROW_BYTES: Final = 1 << 20
_PROMPTS: Final = ("prompt", "question", "text")
_ANSWERS: Final = ("answer", "response", "completion")
# `function` is an old name of one, `developer` a new one.
_ROLES: Final = {role.value: role for role in Role} | {"developer": Role.SYSTEM, "function": Role.TOOL}


class RowError(ValueError):
    """A row is no conversation; says which."""


@dataclass(frozen=True, slots=True)
class Row:
    messages: tuple[tuple[Role, str], ...]
    answer: str | None = None


def rows_of_lines(lines: Iterable[bytes], most: int) -> Iterator[Row]:
    """Of a `.jsonl` file; empty lines are none."""
    full = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    for count, (number, line) in enumerate(full):
        if count == most:
            raise RowError(f"expected at most {most:,} rows, found more; use some of them")
        if len(line) > ROW_BYTES:
            raise RowError(f"row {number}: expected at most {ROW_BYTES:,} bytes, found more")
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise RowError(f"row {number}: expected JSON, found something else") from None
        yield row_of(value, number)


def row_of(value: Any, number: int) -> Row:
    match value:
        case str():
            return Row(((Role.USER, value),))
        case Mapping():
            prompt = next((value[name] for name in _PROMPTS if isinstance(value.get(name), str)), None)
            answer = next((value[name] for name in _ANSWERS if isinstance(value.get(name), str)), None)
            if prompt is not None:
                return Row(((Role.USER, prompt),), answer)
            if isinstance(value.get("messages"), Sequence):
                said = chain.from_iterable(_said(one, number) for one in value["messages"])
                return Row(tuple(said), answer)
    raise RowError(f"row {number}: expected a text, or an object with `prompt` or `messages`; found another")


def _said(message: Any, number: int) -> Iterator[tuple[Role, str]]:
    """The texts of a message: its content may be a text, or parts of which some are."""
    role = _ROLES.get(str(message.get("role"))) if isinstance(message, Mapping) else None
    if role is None:
        raise RowError(f"row {number}: expected messages with a role that is known, found another")
    match message.get("content"):
        case str() as text:
            yield role, text
        case list() as parts:
            texts = (part.get("text") for part in parts if isinstance(part, Mapping))
            yield from ((role, text) for text in texts if isinstance(text, str))
