"""What a step of each method costs beside plain training on the same tokens.

    python -m benchmarks.unlearning_cost docs/results/unlearning-cost.md

Rule: a method is compared with training that makes the same passes, in turn, within one process.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from benchmarks.figures import Figure
from benchmarks.markdown import Rows, table
from evaluation.local_model import SHIPPED
from unlearning.losses.catalogue import LOSSES, METHODS
from unlearning.losses.loss import Method
from unlearning.losses.read import Part, Read
from unlearning.reading import FROZEN, LEARNT, Reader

TEXTS, LENGTH, PROMPT, ROUNDS = 32, 24, 10, 9
PAGE = Path(__file__).with_name("unlearning_cost.page.md")
Step = Callable[[], Tensor]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of each round."""

    method: Sequence[float]
    plain: Sequence[float]

    @property
    def at_best(self) -> float:
        return min(self.method) / min(self.plain)

    @property
    def figure(self) -> Figure:
        return Figure.of([one / other for one, other in zip(self.method, self.plain, strict=True)])


class Bench:
    def __init__(self, texts: int = TEXTS) -> None:
        torch.manual_seed(0)
        self.model = AutoModelForCausalLM.from_pretrained(SHIPPED, dtype=torch.float32)
        self._frozen = AutoModelForCausalLM.from_pretrained(SHIPPED, dtype=torch.float32).eval()
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-6)
        self._centres = torch.randn(2, self.model.config.hidden_size)
        self._batch = {part.value: self._part(texts) for part in Part}

    def cost(self, method: Method, rounds: int) -> Cost:
        reads = frozenset(read for term in method.terms for read in LOSSES[term.name].reads)
        steps = self._unlearning(method, reads), self._plain(reads)
        for step in steps:
            self._seconds(step)
        taken = [[self._seconds(step) for step in steps] for _ in range(rounds)]
        return Cost([one for one, _ in taken], [plain for _, plain in taken])

    def _seconds(self, step: Step) -> float:
        began = time.process_time()
        self._optimizer.zero_grad()
        step().backward()
        self._optimizer.step()
        return time.process_time() - began

    def _unlearning(self, method: Method, reads: frozenset[Read]) -> Step:
        reader = Reader(reads, 1, lambda: nullcontext(self._frozen), self._centres)

        def step() -> Tensor:
            seen = reader.read(self.model, self._batch)
            totals = [(term.weight, LOSSES[term.name].total(seen, term.options)) for term in method.terms]
            return torch.stack([weight * total.mean() for weight, total in totals]).sum()

        return step

    def _plain(self, reads: frozenset[Read]) -> Step:
        learnt, frozen = (self._together(reads, kinds) for kinds in (LEARNT, FROZEN))

        def step() -> Tensor:
            with torch.no_grad():
                if frozen:
                    self._frozen(**frozen, use_cache=False)
            loss: Tensor = self.model(**learnt, use_cache=False).loss
            return loss

        return step

    def _together(self, reads: frozenset[Read], kinds: frozenset[Any]) -> dict[str, Tensor]:
        """The parts that are read so, as one batch."""
        parts = {read.part.value for read in reads if read.kind in kinds}
        names = ("input_ids", "attention_mask", "labels") if parts else ()
        return {name: torch.cat([self._batch[part][name] for part in sorted(parts)]) for name in names}

    def _part(self, texts: int) -> dict[str, Tensor]:
        ids = torch.randint(0, self.model.config.vocab_size, (texts, LENGTH))
        labels = ids.clone()
        labels[:, :PROMPT] = -100
        return {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "labels": labels,
            "likelihood": torch.full((texts,), -20.0),
            "shift": -torch.rand(texts * (LENGTH - PROMPT), self.model.config.vocab_size),
        }


def compared() -> dict[str, Method]:
    """The methods that take one gradient."""
    return {name: method for name, method in METHODS.items() if not apart(method)}


def apart(method: Method) -> bool:
    return method.combiner in ("mgda", "project")


def rows(bench: Bench, rounds: int) -> Rows:
    for name, method in compared().items():
        cost = bench.cost(method, rounds)
        figure = cost.figure
        seconds = [f"{1000 * statistics.median(one):.0f}" for one in (cost.method, cost.plain)]
        spread = f"{figure.median:.2f} ({figure.low:.2f} to {figure.high:.2f})"
        yield f"`{name}`", *seconds, spread, f"{cost.at_best:.2f}"


def main(page: Path) -> None:
    torch.set_num_threads(1)
    bench = Bench()
    texts = {
        "parameters": f"{sum(one.numel() for one in bench.model.parameters()):,}",
        "texts": str(TEXTS),
        "length": str(LENGTH),
        "rounds": str(ROUNDS),
        "rows": table(["method", "ms", "plain, ms", "costs", "at best"], rows(bench, ROUNDS)),
    }
    page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
