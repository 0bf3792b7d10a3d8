"""What is sent in place of one choice of a draft, and how it came about."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Json
from gateway.refusal import tokens
from gateway.wire.chat.answer import PROSE


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
    message: Json
    finish: str
    counted: int | None = None
    reasoned: int = 0
    near: int = 0

    @property
    def tokens(self) -> int:
        texts = (self.message.get(name) for name, _, _ in PROSE)
        said = sum(len(text) for text in texts if isinstance(text, str))
        return tokens(said) if self.counted is None else self.counted
