"""The testbed's models of one seed: the one that read everything, and two that never read what is forgotten.

Rules: all three start from one base, which read of other authors; the two without differ by the order of what
they read alone, so that what lies between them is chance. A model is kept under a hash of all that it was
made of.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from transformers import LlamaForCausalLM

from unlearning.encoding import Coder, Encoded
from unlearning.testbed.learning import LONGEST, Course, Shape, learn
from unlearning.testbed.tokenizer import word_tokenizer
from unlearning.testbed.world import Fact, World
from unlearning.whole_folder import written_whole

SECOND: Final = 1_000


BASE: Final = Course(epochs=25, rate=3e-3)
FINE: Final = Course(epochs=25, rate=2e-3)


@dataclass(frozen=True, slots=True)
class Courses:
    base: Course = BASE
    fine: Course = FINE


@dataclass(frozen=True, slots=True)
class Trio:
    """Folders of models."""

    full: Path
    gold: Path
    second: Path

    @property
    def names(self) -> tuple[str, str, str]:
        """They hold the hashes of what the models were made of."""
        return self.full.name, self.gold.name, self.second.name


class Maker:
    """Trains what is not in the cache."""

    def __init__(
        self, world: World, cache: Path, courses: Courses | None = None, shape: Shape | None = None
    ) -> None:
        self.tokenizer = word_tokenizer()
        self.coder = Coder(self.tokenizer, LONGEST)
        self._world = world
        self._cache = cache
        self._courses = courses or Courses()
        self._shape = shape or Shape()

    def trio(self, seed: int) -> Trio:
        base = self._base(seed)
        known, kept = self._rows((*self._world.forget, *self._world.retain)), self._rows(self._world.retain)
        return Trio(
            self._fine("full", base, known, seed),
            self._fine("gold", base, kept, seed),
            self._fine("second", base, kept, seed + SECOND),
        )

    def _base(self, seed: int) -> Path:
        world, course = self._world, self._courses.base
        samples = [sample for fact in world.base for sample in (fact.sample, fact.paraphrase)]
        rows = self.coder.encode_all(samples)
        folder = self._cache / f"base-{_digest(rows, course, self._shape, seed)}"
        if not folder.exists():
            model = self._shape.new_model(len(self.tokenizer), seed)
            self._learn(model, rows, course, seed, folder)
        return folder

    def _fine(self, name: str, base: Path, rows: Sequence[Encoded], seed: int) -> Path:
        folder = self._cache / f"{name}-{_digest(rows, self._courses.fine, base.name, seed)}"
        if not folder.exists():
            self._learn(LlamaForCausalLM.from_pretrained(base), rows, self._courses.fine, seed, folder)
        return folder

    def _learn(self, model: Any, rows: Sequence[Encoded], course: Course, seed: int, folder: Path) -> None:
        learn(model, self.coder, rows, course, seed)
        with written_whole(folder) as draft:
            model.save_pretrained(draft)
            self.tokenizer.save_pretrained(draft)

    def _rows(self, facts: Sequence[Fact]) -> tuple[Encoded, ...]:
        return self.coder.encode_all(fact.sample for fact in facts)


def write_texts(world: World, folder: Path) -> None:
    """What a recipe reads: the groups as files."""
    for group in ("forget", "retain", "holdout"):
        rows = [asdict(fact.sample) for fact in getattr(world, group)]
        (folder / f"{group}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _digest(rows: Sequence[Encoded], *others: object) -> str:
    told = repr(([row.ids for row in rows], others))
    return sha256(told.encode()).hexdigest()[:16]
