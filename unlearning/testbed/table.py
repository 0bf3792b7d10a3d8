"""Every method on every seed, beside the models that were really trained without: the rows of a table.

Rule: a row is kept under the hash of all that it came of, models and recipe included, and not made again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Final

from transformers import LlamaForCausalLM

from unlearning.testbed.figures import LESSONS, Examiner
from unlearning.testbed.models import Maker, Trio, write_texts
from unlearning.testbed.row import Row
from unlearning.testbed.trial import RATE, recipe_for, trial
from unlearning.testbed.world import World

FULL: Final = "full"
GOLD: Final = "gold"
SECOND: Final = "second"
KNOWN: Final = (FULL, GOLD, SECOND)


class Bench:
    """One world, its models in the cache, and the rows that were measured on them."""

    def __init__(self, world: World, cache: Path, maker: Maker | None = None) -> None:
        self._cache = cache
        self._maker = maker or Maker(world, cache / "models")
        self._examiner = Examiner(world, self._maker.coder)
        self._texts = cache / f"texts-{_hash(world)}"
        self._texts.mkdir(parents=True, exist_ok=True)
        write_texts(world, self._texts)

    def trio(self, seed: int) -> Trio:
        return self._maker.trio(seed)

    def rows(
        self, methods: Sequence[str], seeds: Sequence[int], report: Callable[[str, int, int], None]
    ) -> Iterator[Row]:
        """Seed by seed, the trained models first."""
        done, whole = 0, len(seeds) * (len(KNOWN) + len(methods))
        for seed in seeds:
            trio = self.trio(seed)
            for method in (*KNOWN, *methods):
                yield self.row(method, seed, trio)
                done += 1
                report("rows of the table", done, whole)

    def row(self, method: str, seed: int, trio: Trio, rate: float = RATE) -> Row:
        recipe = "" if method in KNOWN else _recipe(method, trio, seed, rate)
        kept = self._cache / "rows" / f"{_hash(method, seed, rate, trio.names, LESSONS, recipe)}.json"
        if kept.exists():
            return Row.of(json.loads(kept.read_text()))
        row = self._measured(method, seed, trio, rate)
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(row)))
        draft.replace(kept)
        return row

    def _measured(self, method: str, seed: int, trio: Trio, rate: float) -> Row:
        if method in KNOWN:
            model = LlamaForCausalLM.from_pretrained(getattr(trio, method))
            return Row(method, seed, rate, "trained", 0, 0.0, self._examiner.figures(model))
        done = trial(method, trio.full, self._texts, seed, rate)
        figures = self._examiner.figures(done.model)
        return Row(method, seed, rate, done.outcome, done.steps, done.seconds, figures)


def _recipe(method: str, trio: Trio, seed: int, rate: float) -> str:
    name = method if method != "task_vector" else "ga"
    # What a recipe leaves unsaid, or could say by now, changes no row.
    return recipe_for(name, Path(trio.full.name), seed, rate).model_dump_json(exclude_none=True)


def _hash(*told: object) -> str:
    return sha256(repr(told).encode()).hexdigest()[:16]
