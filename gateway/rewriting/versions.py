"""What is sent in place of one choice of a draft, and how it came about."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.wire.answer import Texts
from gateway.wire.usage import tokens
from policy.surface import Channel


class How(StrEnum):
    """Mildest first: the last of those of an answer is told of it."""

    RESAMPLED = "resampled"
    REWRITTEN = "rewritten"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Version:
    """`counted`: its tokens, where the model server counted them; `reasoned`: those of its reasoning.
    `near` as in a draft.
    """

    how: How
    texts: Texts
    finish: str
    counted: int | None = None
    reasoned: int = 0
    near: int = 0

    @property
    def tokens(self) -> int:
        said = sum(len(text) for key, text in self.texts if key.channel is not Channel.ARGUMENTS)
        return tokens(said) if self.counted is None else self.counted
