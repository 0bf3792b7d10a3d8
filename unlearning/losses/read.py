"""What a loss reads: of which part of a batch, and what of it.

Rule: the i-th texts of all parts of a batch belong together.
"""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """A part of a batch: texts with their prompts."""

    FORGET = "forget"
    RETAIN = "retain"
    ALTERNATIVE = "alternative"  # what to say instead: the prompt of `forget`, with another answer
    DECLINED = "declined"  # the prompt of `retain`, with the answer of one who does not know
    NEIGHBOUR = "neighbour"  # what must keep working and is nearest to `forget`
    CONTEXT = "context"  # the prompt of `forget` with what it asks for told in it, and the answer


class Kind(StrEnum):
    """What is read of a part."""

    FORECAST = "forecast"  # Forecast, with its gradient
    REFERENCE = "reference"  # logits (tokens, vocabulary) of the frozen model at the same places
    LIKELIHOOD = "likelihood"  # K of each text under the frozen model (texts,): made once, before training
    HIDDEN = "hidden"  # Hidden, with its gradient
    REFERENCE_HIDDEN = "reference hidden"  # states (tokens, width) of the frozen model at the same places
    SHIFT = "shift"  # what steering adds to the logits (tokens, vocabulary)
    CENTRES = "centres"  # mean states of answers that are wanted (clusters, width): made once


@dataclass(frozen=True, slots=True)
class Read:
    part: Part
    kind: Kind
