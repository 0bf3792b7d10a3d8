"""A recipe's texts as the parts of batches that its terms read.

Rule: a part that no term reads is not made. What the frozen model says of a whole text is asked once, before
the first step.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

from index.encoder import Encoder
from unlearning.encoding import Coder
from unlearning.losses.read import Kind, Part, Read
from unlearning.metrics.scoring import score
from unlearning.neighbours import nearest
from unlearning.plan import Plan
from unlearning.rows import Texts, Told
from unlearning.samples import Sample
from unlearning.steered import Steered


@dataclass(frozen=True, slots=True)
class Preparer:
    """`frozen` is the model as it is before the first step."""

    coder: Coder
    plan: Plan
    frozen: Any
    alternatives: Sequence[str]
    encoder: Encoder

    def texts(self, forget: Sequence[Sample], retain: Sequence[Sample]) -> Texts:
        return Texts(
            self._forgotten(forget, retain),
            self._told(Part.RETAIN, retain) if self.plan.parts & {Part.RETAIN, Part.DECLINED} else (),
            self._wanted(
                {
                    Part.ALTERNATIVE: lambda: self._declined(forget),
                    Part.NEIGHBOUR: lambda: self._neighbours(forget, retain),
                    Part.CONTEXT: lambda: [_in_context(sample) for sample in forget],
                }
            ),
            self._wanted({Part.DECLINED: lambda: self._declined(retain)}),
        )

    def _wanted(self, made: dict[Part, Callable[[], Sequence[Sample]]]) -> dict[Part, tuple[Told, ...]]:
        return {part: self._told(part, make()) for part, make in made.items() if part in self.plan.parts}

    def _told(self, part: Part, samples: Iterable[Sample]) -> tuple[Told, ...]:
        rows = self.coder.encode_all(samples)
        if Read(part, Kind.LIKELIHOOD) not in self.plan.reads:
            return tuple(map(Told, rows))
        found = score(self.frozen, rows, batch=64)
        return tuple(Told(row, float(one.logp.sum())) for row, one in zip(rows, found, strict=True))

    def _forgotten(self, forget: Sequence[Sample], retain: Sequence[Sample]) -> tuple[Told, ...]:
        told = self._told(Part.FORGET, forget)
        if Read(Part.FORGET, Kind.SHIFT) not in self.plan.reads:
            return told
        steered = Steered(forget, retain, self.coder.reader(self.frozen.config.vocab_size))
        return tuple(replace(one, edits=steered.edits(one.row)) for one in told)

    def _declined(self, samples: Sequence[Sample]) -> list[Sample]:
        return [
            replace(sample, prompt=sample.asked, answer=answer, key="")
            for sample, answer in zip(samples, cycle(self.alternatives), strict=False)
        ]

    def _neighbours(self, forget: Sequence[Sample], retain: Sequence[Sample]) -> list[Sample]:
        forgotten, kept = ([sample.text for sample in samples] for samples in (forget, retain))
        places = nearest(forgotten, kept, self.encoder)
        return [retain[place] for place in places]


def _in_context(sample: Sample) -> Sample:
    return replace(sample, prompt=f"{sample.answer}\n{sample.prompt}")
