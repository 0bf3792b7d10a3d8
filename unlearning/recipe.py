"""What to unlearn, from which model, how and for how long, as the operator writes it. Other keys are errors.

Rule: a recipe says all that a run depends on; together with its files it is the same run every time.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policy.document import Section
from policy.problem import wrong

Option = float | int | None
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


class TermPart(Section):
    loss: str = Field(description="A loss or a regulariser by its name; the first one of a method forgets.")
    weight: Weight = Field(default=1.0, description="What its gradient is multiplied by.")
    options: dict[str, Option] = Field(default={}, description="The loss's own settings, such as `beta`.")


class DataPart(Section):
    """Where the texts are. Paths are relative to the recipe."""

    policy: Path | None = Field(default=None, description="The policy whose entries are forgotten.")
    entries: tuple[str, ...] = Field(default=("*",), description="Which entries, by patterns of their ids.")
    forget: tuple[Path, ...] = Field(default=(), description="Files of more to forget.")
    retain: tuple[Path, ...] = Field(
        default=(), description="Files of what must keep working, besides what the entries retain."
    )
    holdout: tuple[Path, ...] = Field(
        min_length=1,
        description="Files of texts like the forgotten ones that the model never read: as well as it "
        "says those it may say the forgotten ones.",
    )
    alternatives: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=("I don't have any information about that.",),
        min_length=1,
        description="What to say instead, for methods that teach it.",
    )
    targets: Literal["answer", "key"] = Field(
        default="answer", description="What of a forgotten answer is unlearnt: all, or its `key` alone."
    )
    longest: int = Field(
        default=512, ge=8, description="Tokens of a text; a longer passage is taken in parts."
    )


class LoraPart(Section):
    rank: Count = Field(default=16, description="Of the adapter.")
    alpha: Count = Field(default=32, description="The adapter counts alpha / rank times.")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="So much of its input is left out in training."
    )


class CombinerPart(Section):
    name: str = Field(description="How gradients of the terms become one.")
    options: dict[str, Option] = Field(default={}, description="Its own settings.")


class StopPart(Section):
    """Unless it is fixed, the run ends as soon as what is forgotten is known no better than the holdout."""

    every: Count = Field(default=10, description="Steps between two looks.")
    margin: Share = Field(default=0.02, description="So much better than the holdout counts as no better.")
    budget: Share = Field(
        default=0.05,
        description="Of what is known of the retain texts, words and whole answers, this may be lost.",
    )
    most_lost: Share = Field(
        default=0.5, description="Where more of the words is lost, the run ends in any case."
    )
    items: Count = Field(default=512, description="At most so many texts of a kind are looked at.")
    fixed: bool | None = Field(
        default=None, description="`true`: all steps of the budget are taken, whatever is seen."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.budget > self.most_lost:
            raise wrong("no more than `most_lost`", at=("budget",))
        return self


class RefinePart(Section):
    """Forgotten texts rest while what the model says in their place is far from them."""

    every: Count = Field(default=10, description="Steps after which all of them are said anew.")
    similarity: Share = Field(default=0.3, description="Less alike in meaning than this is far.")
    overlap: Share = Field(default=0.01, description="Less of the same tokens in order than this is far.")
    longest: Count = Field(default=50, description="So many tokens of an answer are said.")


class AveragePart(Section):
    """Instead of the last weights, those of all steps are averaged."""

    decay: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        default=None, description="So much of the average is kept at each step. Default: all count alike."
    )


class BudgetPart(Section):
    steps: Count = Field(default=300, description="Steps after which the run ends in any case.")
    minutes: Positive | None = Field(
        default=None, description="Minutes after which it ends, all starts added."
    )


class ReportPart(Section):
    items: Count = Field(default=256, description="At most so many texts of a kind are asked about.")
    bits: tuple[Annotated[int, Field(ge=2, le=16)], ...] = Field(
        default=(8, 4), description="Weights are rounded to so many bits and asked again."
    )
    relearn_steps: Annotated[int, Field(ge=0)] = Field(
        default=50, description="So long a part of the forgotten is taught again. 0: not at all."
    )
    relearn_rate: Positive = Field(default=1e-4, description="At this learning rate.")
    gold: Path | None = Field(
        default=None,
        description="Folder of a model that was trained from the same base without what is forgotten, "
        "relative to the recipe. It is asked, too. Default: there is none.",
    )


class Recipe(Section):
    """`method` by name, or `terms` of one's own."""

    model: str = Field(description="Folder of the model, relative to the recipe.")
    method: str | None = Field(default=None, description="A method by its name.")
    terms: tuple[TermPart, ...] = Field(default=(), description="A method of one's own, term by term.")
    weights: dict[str, Weight] = Field(default={}, description="Other weights for terms of the method.")
    options: dict[str, dict[str, Option]] = Field(default={}, description="Other settings for its losses.")
    combiner: CombinerPart | None = Field(default=None, description="Default: the method's, or a sum.")
    layer: Count | None = Field(
        default=None, description="Whose states are read, for methods that do. Default: the middle one."
    )
    data: DataPart
    tuning: Literal["lora", "full"] = Field(default="lora", description="An adapter, or all weights.")
    lora: LoraPart = LoraPart()
    export: Literal["adapter", "merged"] = Field(
        default="adapter", description="What an adapter becomes at the end. All weights are always exported."
    )
    rate: Positive = Field(default=1e-4, description="Learning rate.")
    batch: Count = Field(
        default=32, le=65_536, description="Forgotten texts in a step, and as many retain texts."
    )
    portions: Count = Field(default=1, description="A batch is taken in so many parts, to save memory.")
    clip: Positive = Field(default=1.0, description="The longest gradient.")
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="Of a model with an adapter; whole weights are computed with, not kept, so.",
    )
    checkpoint_every: Count = Field(default=50, description="Steps after which a stopped run can go on.")
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Whatever is drawn by chance follows from it."
    )
    refine: RefinePart | None = Field(
        default=None, description="Forgotten texts rest once they are far. Default: none does."
    )
    sharpness: Positive | None = Field(
        default=None,
        description="So far from the weights, where forgetting is undone most, its gradient is taken. "
        "Default: at the weights.",
    )
    prune: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="So much of each matrix is set to zero before the first step: the weights that serve "
        "what is forgotten most beside what stays. Wants `tuning: full`. Default: nothing.",
    )
    average: AveragePart | None = Field(
        default=None, description="What is looked at and exported is an average. Default: the last weights."
    )
    stop: StopPart = StopPart()
    budget: BudgetPart = BudgetPart()
    report: ReportPart = ReportPart()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.method is None) == (not self.terms):
            raise wrong("either `method` or `terms`", got="both" if self.terms else "neither", at=("method",))
        if self.batch % self.portions:
            raise wrong("a number that divides the batch", at=("portions",))
        if self.terms and (self.weights or self.options):
            raise wrong("weights and options within the terms", got="both", at=("terms",))
        if self.prune and self.tuning != "full":
            raise wrong("`tuning: full`: an adapter leaves all weights", got=self.tuning, at=("prune",))
        return self
