"""How answers are written anew."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from gateway.config_part import Part

DAY_S: Final = 86_400


class RewriteStreams(StrEnum):
    ABOUT = "about"
    ALL = "all"


class Rewrite(Part):
    """How an answer is written anew where the policy's action for it is `rewrite`.

    Other answers to the same request come first; then the model is asked to write the draft anew, given what
    of it may be said. The first in which nothing is found is sent; where there is none, the notice.
    """

    candidates: int = Field(
        default=2, ge=0, le=8, description="So many other answers are asked for, all at a time; 0: none."
    )
    tries: int = Field(
        default=2, ge=0, le=8, description="So often a choice of an answer is then written anew; 0: never."
    )
    model: str | None = Field(
        default=None,
        min_length=1,
        description="Who rewrites, by the model server's name. Empty: the model that answered.",
    )
    tokens: int = Field(
        default=1024, ge=1, description="Most tokens of a candidate and of a rewritten answer."
    )
    timeout_s: float = Field(
        default=30, gt=0, le=DAY_S, description="Longest time for all of it; then the notice is sent."
    )
    streams: RewriteStreams = Field(
        default=RewriteStreams.ABOUT,
        description="Which streams wait until their answer is whole, where the policy has such a rule: "
        "about, those whose prompt is about an entry that it is for, or near one (what is found in others is "
        "redacted); or all.",
    )
