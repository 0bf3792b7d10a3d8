"""What of a policy decides how its entries are compiled. Segments of different settings are never merged."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from policy.policy import Policy, Verbatim


class Settings(BaseModel):
    """`coverage`: the share of a passage that says it; None: passages are known by their windows alone.
    `window` is 0 where no windows are looked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int
    reveal: int
    coverage: float | None
    misspelled: bool

    @classmethod
    def of(cls, policy: Policy) -> Self:
        verbatim = policy.verbatim or Verbatim(0, 0)
        coverage = None if policy.coverage is None else policy.coverage.share
        return cls(
            window=verbatim.window, reveal=verbatim.reveal, coverage=coverage, misspelled=policy.misspelled
        )
