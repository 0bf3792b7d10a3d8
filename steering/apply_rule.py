"""What no edit of a row may do, whoever puts it in.

Rule: the pinned tokens (the end, the special ones) keep their probability, the ends come back into a row that
would be empty, and nothing unlikely is raised.
"""

from dataclasses import dataclass

RELATIVE_TOP = 0.1


@dataclass(frozen=True, slots=True)
class Rule:
    """`pinned`: the end ids and every other special one; `ends` alone come back into an emptied row.

    `relative_top`: a token less likely than this share of the likeliest is not raised.
    """

    pinned: tuple[int, ...]
    ends: tuple[int, ...]
    relative_top: float = RELATIVE_TOP

    def __post_init__(self) -> None:
        if not self.ends or not set(self.ends) <= set(self.pinned):
            raise ValueError("expected at least one end id, all of them pinned")
        if not 0 < self.relative_top <= 1:
            raise ValueError(f"expected 0 < relative_top <= 1, found {self.relative_top}")
