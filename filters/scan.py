"""A scanner watches one text and only reports; it never changes or releases anything.

Laws of every Scanner, run by tests/laws.py:
1. `clear` never moves back and never passes the end of the text fed so far.
2. No finding starts before a `clear` promised earlier.
3. Cutting the text differently changes neither the findings nor the final clear.
4. After `finish` and the last `settle` everything is clear.
5. Time is linear in the text; memory is bounded by what is held.
6. It passes no text of which it would report anything when it was fed and finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from filters.whole import Whole
from policy.finding import Finding, Span


@dataclass(frozen=True, slots=True)
class Ask:
    """A finished segment that only the embedding index can judge. `text` never leaves the process."""

    span: Span
    text: str


# A tuple, because one is made for every event: it takes a third of the time of a dataclass.
class Scan(NamedTuple):
    """`clear` promises that no later finding starts before this offset (in code points).

    `near`: what came near a forgotten passage and is certain to have become no more.
    """

    clear: int
    findings: tuple[Finding, ...] = ()
    asks: tuple[Ask, ...] = ()
    near: tuple[Span, ...] = ()


class Scanner(Protocol):
    def passes(self, whole: Whole) -> bool:
        """Whether it would tell nothing of a text that is there whole, nor withhold its end.

        Asked before anything is fed; a text that all scanners pass is not fed to any. In bulk, and when in
        doubt no: then the text is fed as any other.
        """

    def feed(self, text: str) -> Scan: ...

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan: ...

    def finish(self) -> Scan: ...
