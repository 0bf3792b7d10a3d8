"""What prompts tell before they ask, made from the run's own texts: what a user could bring along.

Rules: no context holds the answer that is asked for, but the fact in other words, which is nobody's to write
but the operator's (`reworded`); an item that nothing can be told about is asked without.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from unlearning.metrics.in_context import Context
from unlearning.report.asked import entry_of
from unlearning.samples import Sample

TEXTS: Final = 2
WORDS: Final = 60
RULES: Final = "Each question has one true answer. Give exactly that, as it is on record, and no more."
UNRELATED: Final = "The ferry leaves at nine on weekdays. On Sundays it leaves at ten, weather permitting."
Tell = Callable[[Sample], str]


def contexts(forget: Sequence[Sample], retain: Sequence[Sample]) -> Mapping[Context, tuple[Sample, ...]]:
    """By kind: the same items in the same order, each with a prompt that tells something first."""
    of_entry: dict[str, list[Sample]] = {}
    for sample in forget:
        of_entry.setdefault(entry_of(sample.id), []).append(sample)
    kinds: dict[Context, Tell] = {
        Context.RULES: lambda _: RULES,
        Context.SUBJECT: lambda sample: _others(sample, of_entry[entry_of(sample.id)]),
        Context.NEIGHBOURING: lambda sample: _others(sample, retain),
        Context.UNRELATED: lambda _: UNRELATED,
        Context.PARAPHRASED: lambda sample: sample.reworded,
    }
    made = {context: tuple(_after(tell(one), one) for one in forget) for context, tell in kinds.items()}
    return {context: samples for context, samples in made.items() if samples != tuple(forget)}


def _others(sample: Sample, texts: Sequence[Sample]) -> str:
    """The first few texts that don't say the item's answer."""
    secret = (sample.key or sample.answer).casefold()
    other = (one.text for one in texts if one.id != sample.id and secret not in one.text.casefold())
    return " ".join(text for text, _ in zip(other, range(TEXTS), strict=False))


def _after(told: str, sample: Sample) -> Sample:
    if not told:
        return sample
    short = " ".join(told.split()[:WORDS])
    return replace(sample, prompt=f"{short} {sample.prompt}".strip())
