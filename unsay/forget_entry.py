"""What is to be forgotten, from a file, from standard input or from options: one entry, as data.

Rule: it is checked here as an entry of a policy is, so that a mistake is told with its line or its option.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy.entry_file import as_document, entry_of, load_entry, read_entry
from policy.sources import Limits
from policy.yaml_tree import Json

STDIN = "-"


class EntryError(ValueError):
    """There is no entry, or there are two."""


@dataclass(frozen=True, slots=True)
class Flags:
    """An entry as options say it. `questions` and `answers` belong together, in their order."""

    id: str | None = None
    reason: str | None = None
    names: Sequence[str] = ()
    passages: Sequence[str] = ()
    passage_files: Sequence[str] = ()
    questions: Sequence[str] = ()
    answers: Sequence[str] = ()
    secrets: Sequence[str] = ()
    retain_files: Sequence[str] = ()
    models: Sequence[str] = ()
    keys: Sequence[str] = ()
    start: str | None = None
    end: str | None = None

    def value(self) -> dict[str, Json]:
        """As it could stand in a file; what is not given is left out."""
        if len(self.questions) != len(self.answers):
            raise EntryError(
                f"expected an --answer for each of {len(self.questions)} questions, found {len(self.answers)}"
            )
        pairs = zip(self.questions, self.answers, strict=True)
        said: dict[str, Json] = {
            "id": self.id,
            "reason": self.reason,
            "names": list(self.names),
            "passages": [*self.passages, *map(_file, self.passage_files)],
            "questions": [{"question": question, "answer": answer} for question, answer in pairs],
            "secrets": list(self.secrets),
            "retain": list(map(_file, self.retain_files)),
            "models": list(self.models),
            "keys": list(self.keys),
            "from": self.start,
            "until": self.end,
        }
        return {name: value for name, value in said.items() if value}


def _file(name: str) -> Json:
    return {"file": name}


def document(given: str | None, flags: Flags) -> Mapping[str, Json]:
    """The entry with its texts written out. `given`: a file, `-` for standard input, or none."""
    value = flags.value()
    if given is not None and value:
        raise EntryError(f"expected an entry or options that say one, found both: {', '.join(value)}")
    if given is None and not value:
        raise EntryError(
            "expected an entry: a file, `-` for standard input, or options such as --id and --name"
        )
    if given is None:
        return as_document(entry_of(value, "the options", Path()))
    if given == STDIN:
        return as_document(read_entry(_stdin(), "standard input", Path()))
    return as_document(load_entry(Path(given)))


def _stdin() -> str:
    most = Limits().policy_bytes
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise EntryError(f"standard input: expected at most {most:,} bytes, found more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EntryError("standard input: expected UTF-8, found something else") from None
