"""What an operator wants to see of a policy before it is used: conversations that it must stop or let pass.

Rule: cases change nothing that a policy does, so its digest leaves them out.
"""

from dataclasses import dataclass

from policy.surface import Role


@dataclass(frozen=True, slots=True)
class Case:
    """`messages` are pairs of role and text. `place` and `line` say where in the file it stands."""

    messages: tuple[tuple[Role, str], ...]
    answer: str | None
    place: str
    line: int


@dataclass(frozen=True, slots=True)
class Cases:
    must_withhold: tuple[Case, ...] = ()
    must_answer: tuple[Case, ...] = ()
    codes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.must_withhold) + len(self.must_answer)
