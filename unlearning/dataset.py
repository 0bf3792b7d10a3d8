"""What a recipe's texts are: from the entries of a policy and from files.

Rules: an entry that gives nothing to unlearn, nothing to forget at all, and a retain text that says what is
to be forgotten are errors. Errors name entries and files, never texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from policy.entry import Entry
from policy.file import PolicyError, load_policy
from policy.sources import Limits, SourceError, parse_row, read_text, rows_of
from policy.yaml_tree import Json
from unlearning.overlap import said_within
from unlearning.recipe import DataPart
from unlearning.samples import Sample, SampleError

# As a policy's files have them, too.
ASKED: Final = frozenset({"prompt", "question"})
SAID: Final = frozenset({"answer", "text"})
ALIKE: Final = (ASKED, SAID)
WRONG: Final = "wrong"
FIELDS: Final = ASKED | SAID | {"id", "key", "source", "reworded"}


class DataError(ValueError):
    """The recipe's texts can't be used."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """`forget_of_files`: those to forget that no policy has, also in `forget`."""

    forget: tuple[Sample, ...]
    retain: tuple[Sample, ...]
    holdout: tuple[Sample, ...]
    forget_of_files: tuple[Sample, ...] = ()


def read_dataset(part: DataPart, folder: Path) -> Dataset:
    """Paths are below the folder. Raises DataError."""
    try:
        entries = _entries(part, folder)
        of_files = _of_files(part.forget, folder)
        forget = (*_of_entries(entries), *of_files)
        retained = _of_files(part.retain, folder)
        retain = (*_retained(entries, retained), *retained)
        found = Dataset(forget, retain, _of_files(part.holdout, folder), of_files)
    except (PolicyError, SourceError, SampleError) as error:
        raise DataError(str(error)) from None
    _check(found)
    return found


def _entries(part: DataPart, folder: Path) -> Sequence[Entry]:
    if part.policy is None:
        return ()
    policy = load_policy(folder / part.policy)
    chosen = [one for one in policy.entries if any(fnmatchcase(one.id, each) for each in part.entries)]
    if not chosen:
        raise DataError(f"{part.policy}: expected entries that `data.entries` names, found none")
    silent = [one.id for one in chosen if not (one.questions or one.passages or one.concept)]
    if silent:
        raise DataError(
            f"{part.policy}: entry {silent[0]!r}: expected questions, passages or a concept, since weights "
            f"unlearn what is said, found none ({len(silent)} such). Name others under `data.entries`"
        )
    return chosen


def _of_entries(entries: Sequence[Entry]) -> Iterator[Sample]:
    for entry in entries:
        texts = [
            *entry.passages,
            *((entry.concept.description, *entry.concept.examples) if entry.concept else ()),
        ]
        for number, pair in enumerate(entry.questions):
            yield Sample(f"{entry.id}#question-{number}", pair.answer, pair.question)
        for number, text in enumerate(texts):
            yield Sample(f"{entry.id}#text-{number}", text)


def _retained(entries: Sequence[Entry], of_files: Sequence[Sample]) -> Iterator[Sample]:
    """Each text once: entries often share a list. What a file says, too, is taken from there: it knows what
    of it is the prompt, an entry does not."""
    texts = dict.fromkeys(retain.text for entry in entries for retain in entry.retain)
    of_files_too = {sample.text for sample in of_files}
    left = (text for text in texts if text not in of_files_too)
    return (Sample(f"retain#{number}", text) for number, text in enumerate(left))


def _of_files(paths: Sequence[Path], folder: Path) -> tuple[Sample, ...]:
    return tuple(sample for path in paths for sample in _of_file(folder / path))


def _of_file(path: Path) -> Iterator[Sample]:
    """`.txt` is one text; a line of `.jsonl` has an answer, and may have what it answers and a key."""
    text = read_text(path, str(path), Limits().file_bytes)
    if path.suffix == ".txt":
        yield Sample(path.name, text.strip())
    elif path.suffix == ".jsonl":
        for line, row in rows_of(text):
            yield _of_row(path, line, parse_row(row, str(path), line))
    else:
        raise DataError(f"{path}: expected a file of the kind .txt or .jsonl")


def _of_row(path: Path, line: int, row: Json) -> Sample:
    if not isinstance(row, dict):
        raise DataError(f"{path}:{line}: expected a mapping of texts")
    wrong = row.pop(WRONG, [])
    if not isinstance(wrong, list) or not all(isinstance(value, str) for value in (*wrong, *row.values())):
        raise DataError(f"{path}:{line}: expected a mapping of texts, and a list of texts under `{WRONG}`")
    told = {name: str(value) for name, value in row.items()}
    if (
        not told.keys() <= FIELDS
        or any(len(told.keys() & one) > 1 for one in ALIKE)
        or not told.keys() & SAID
    ):
        raise DataError(
            f"{path}:{line}: expected `answer` or `text`, and at most `prompt` or `question`, `id`, `key`, "
            "`reworded`, `wrong` and `source`"
        )
    prompt = told.get("prompt", told.get("question", ""))
    answer = told.get("answer", told.get("text", ""))
    name, key, reworded = (told.get(one, "") for one in ("id", "key", "reworded"))
    return Sample(name or f"{path.name}#{line}", answer, prompt, key, reworded, tuple(map(str, wrong)))


def _check(found: Dataset) -> None:
    if not found.forget:
        raise DataError("expected something to forget under `data.policy` or `data.forget`, found nothing")
    if not found.retain:
        raise DataError("expected something to retain under `data.retain` or in the entries, found nothing")
    for name, kept in (("retain", found.retain), ("holdout", found.holdout)):
        same = said_within(found.forget, kept)
        if same is not None:
            raise DataError(
                f"expected {name} texts that say nothing of what is forgotten; {same[0]!r} says what "
                f"{same[1]!r} does: take it out of one of them"
            )
