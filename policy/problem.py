"""What is wrong with a policy, said so that it can be mended: file, line, field, expected, got.

Rule: a problem may show an operator a key, an action or a number, shortened; it never shows a passage,
a secret or an answer, nor a key that may be one of them: a text with a colon in it is read as a key.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

MOST_SHOWN: Final = 100
_NAME: Final = re.compile(r"[a-z0-9_]{1,32}")


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` counts from 1. `origin` says which field of the policy led to another file."""

    file: str
    line: int | None
    field: str
    expected: str
    got: str
    hint: str = ""
    origin: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        field = f" {self.field}:" if self.field else ""
        origin = f" [read for {self.origin}]" if self.origin else ""
        hint = f". {self.hint}" if self.hint else ""
        return f"{place}:{field} expected {self.expected}, got {self.got}{hint}{origin}"


class PolicyError(Exception):
    """The policy can't be used. Every problem found is listed; the message shows the first ones."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"and {len(self.problems) - MOST_SHOWN:,} problems more")
        super().__init__("\n".join(lines))


def wrong(
    expected: str, hint: str = "", got: str = "", at: tuple[str | int, ...] = ()
) -> PydanticCustomError:
    """An error that says what was expected, `at` a field inside of what is validated.

    Without `got` it is described from the value itself.
    """
    context = {"expected": expected, "hint": hint, "got": got, "at": at}
    return PydanticCustomError("expected", "expected {expected}", context)


def shown_key(key: str, hidden: bool = False) -> str:
    """A key that looks like a field's name, and how long any other is."""
    return f"of {len(key)} characters" if hidden or not _NAME.fullmatch(key) else repr(key)


def shortened(text: str, most: int = 40) -> str:
    """The text in quotes, its control characters escaped, cut to at most `most` characters."""
    return repr(text) if len(text) <= most else repr(text[: most - 1] + "…")
