"""TOFU: are paraphrased questions about forgotten authors found, and are other questions left alone?

Entries are given as questions and answers only. The texts that must keep working are half of the authors of
retain90, so the other half is unseen by margins and calibration.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from evaluation.interval import Rate
from index.encoder import Encoder, Rows
from policy.entry import Entry, Question, Reason, Retain
from policy.policy import Policy, Semantic

VARIABLE: Final = "UNSAY_TOFU"
AUTHOR: Final = 20
# A finder says of each text whether it is found: with the detectors that a prompt meets, not a copy of them.
Finder = Callable[[Sequence[str]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Tofu:
    """`asked` are the paraphrases of `forgotten`, in their order."""

    forgotten: tuple[Question, ...]
    asked: tuple[str, ...]
    retained: tuple[str, ...]
    real_authors: tuple[str, ...]
    world_facts: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> "Tofu":
        forgotten = list(_rows(folder / "forget05_perturbed.json"))
        return cls(
            forgotten=tuple(Question(row["question"], row["answer"]) for row in forgotten),
            asked=tuple(row["paraphrased_question"] for row in forgotten),
            retained=_questions(folder / "retain90.json"),
            real_authors=_questions(folder / "real_authors.json"),
            world_facts=_questions(folder / "world_facts.json"),
        )

    @property
    def kept(self) -> tuple[str, ...]:
        """What the policy names as retain: the first half of the authors."""
        return self.retained[: len(self.retained) // (2 * AUTHOR) * AUTHOR]

    @property
    def unseen(self) -> tuple[str, ...]:
        return self.retained[len(self.kept) :]

    def policy(self, questions: int, rate: float, *, retain: bool) -> Policy:
        """One entry for every so many questions: AUTHOR for one an author."""
        kept = (
            tuple(Retain(text, f"retain[{place}]") for place, text in enumerate(self.kept)) if retain else ()
        )
        cuts = range(0, len(self.forgotten), questions)
        entries = tuple(self._entry(start, start + questions, kept) for start in cuts)
        digest = f"tofu {questions} {rate} {retain}"
        return Policy(entries=entries, digest=digest, semantic=Semantic(false_positive_rate=rate))

    def _entry(self, start: int, stop: int, kept: tuple[Retain, ...]) -> Entry:
        return Entry(
            id=f"tofu-{start}", reason=Reason.PRIVACY, questions=self.forgotten[start:stop], retain=kept
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """`recall` of paraphrases found; false alarms by what was asked about."""

    recall: Rate
    false_alarms: Mapping[str, Rate]

    def __str__(self) -> str:
        alarms = ", ".join(f"{kind} {rate}" for kind, rate in self.false_alarms.items())
        return f"found {self.recall}; false alarms: {alarms}"


def measure(tofu: Tofu, find: Finder) -> Figures:
    innocent = {"unseen authors": tofu.unseen, "real authors": tofu.real_authors, "facts": tofu.world_facts}
    return Figures(_rate(find(tofu.asked)), {kind: _rate(find(texts)) for kind, texts in innocent.items()})


def tofu_folder(default: Path) -> Path:
    """The folder that UNSAY_TOFU names, or the default."""
    return Path(os.environ.get(VARIABLE, default))


class RememberingEncoder:
    """Encodes each text once: several policies over the same texts cost as much as one."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.fingerprint = encoder.fingerprint
        self._encoder = encoder
        self._rows: dict[str, Rows] = {}

    def encode(self, texts: Sequence[str]) -> Rows:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows.update(zip(fresh, self._encoder.encode(fresh), strict=True))
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack([self._rows[text] for text in texts])


def _rate(found: Sequence[bool]) -> Rate:
    return Rate(sum(found), len(found))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _questions(path: Path) -> tuple[str, ...]:
    return tuple(row["question"] for row in _rows(path))
