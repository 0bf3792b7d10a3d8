"""A text guard owns one text: it releases what every scanner has cleared, and does what policy says.

Rules:
1. Nothing at or after the lowest `clear` goes out. A scanner that then reports a finding before it has broken
   its promise, and the guard fails closed: `BrokenPromise`, nothing more is released.
2. Findings are dealt with in the order in which they stand, never in that of their coming, so cutting a text
   differently changes nothing that is sent.
3. Overlapping findings are one region, and a region becomes one notice. The notice has a word of its own, so
   the text on both sides of it cannot join into something forgotten. Where it ends a sentence, what ended
   the withheld one is left out.
4. The answer ends at a finding that is refused, at the second region of one entry, after a region before
   which nothing was said (what follows would be about it), and at any region where a notice cannot stand
   (tool arguments, JSON). `rewrite` is `redact` here: who has the whole answer
   may ask for another.
5. Text without findings leaves unchanged.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from filters.near import Released
from filters.scan import Ask, Scan, Scanner
from filters.step import NOTHING, Step, Stop
from filters.whole import Whole
from policy.action import Action
from policy.finding import Detector, Finding
from policy.verdict import Provenance, Verdict

MOST_LISTED = 1000
OPENING = frozenset("([{\"'“‘«—–-/")
ENDING = ".!?"
_PASSING, _ENDING = (Action.ALLOW, Action.FLAG), (Action.REFUSE,)
_Order = tuple[int, bool, int, str, Detector, int, int]


class BrokenPromise(RuntimeError):
    """A scanner found something in text that it had cleared before, or took a promise back."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A finding and what was done about it."""

    finding: Finding
    verdict: Verdict


class TextGuard:
    """`rule` decides about one finding. `notice` is None where no prose may stand: there a region stops.

    Of very many findings only those of a new kind are kept; `unlisted` is how many others there were.
    """

    def __init__(
        self, scanners: Sequence[Scanner], rule: Callable[[Finding], Verdict], notice: str | None
    ) -> None:
        self._scanners = tuple(scanners)
        self._numbered = tuple(enumerate(scanners))
        self._rule = rule
        self._notice = notice
        self._clears = [0] * len(self._scanners)
        self._asked: dict[Ask, int] = {}
        self._queue: list[tuple[_Order, Ruled]] = []
        self._count = count()
        self._ruled: list[Ruled] = []
        self._kinds: set[tuple[str, Detector, Action]] = set()
        self.unlisted = 0
        self._held, self._at, self._fed = "", 0, 0
        self._covered = 0
        self._released = Released()
        self._regions: Counter[str] = Counter()
        self._region: set[str] = set()
        self._passing: dict[tuple[str, Detector], Ruled] = {}
        self._sent: list[str] = []
        self._spoken = self._noticed = False
        self._stop: Stop | None = None

    @property
    def sent(self) -> str:
        """Everything released so far."""
        return "".join(self._sent)

    @property
    def findings(self) -> tuple[Ruled, ...]:
        return tuple(self._ruled)

    @property
    def near(self) -> int:
        """How often what was released came near a forgotten passage."""
        return self._released.near(self._at)

    @property
    def held(self) -> str:
        """What has come and has not been dealt with."""
        return self._held

    def passes(self, whole: Whole) -> bool:
        """Whether all of a text, of which nothing was fed, goes out as it is; then it has gone."""
        if self._fed or not all(scanner.passes(whole) for scanner in self._scanners):
            return False
        self._held, self._fed = whole.text, len(whole.text)
        self._say_until(self._fed)
        return True

    def feed(self, text: str) -> Step:
        if self._stop or not text:
            return NOTHING
        self._held += text
        self._fed += len(text)
        return self._advance([(place, scanner.feed(text)) for place, scanner in self._numbered])

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Step:
        place = self._asked.pop(ask)
        if self._stop:
            return NOTHING
        return self._advance([(place, self._scanners[place].settle(ask, findings))])

    def finish(self) -> Step:
        if self._stop:
            return NOTHING
        return self._advance([(place, scanner.finish()) for place, scanner in self._numbered])

    def _advance(self, scans: Iterable[tuple[int, Scan]]) -> Step:
        asks: tuple[Ask, ...] = ()
        for place, scan in scans:
            self._accept(place, scan)
            if scan.asks:
                asks += scan.asks
        text = self._release(min(self._clears) if self._clears else self._fed)
        return Step(text, () if self._stop else asks, self._stop)

    def _accept(self, place: int, scan: Scan) -> None:
        clear, findings, asks, near = scan
        before = self._clears[place]
        if not before <= clear <= self._fed or (
            findings and min(finding.span.start for finding in findings) < before
        ):
            self._stop = Stop(Action.REFUSE, "")
            raise BrokenPromise(f"Scanner {place} broke its promise about offset {before}.")
        self._clears[place] = clear
        if near:
            self._released.came_near(near)
        for ask in asks:
            self._asked[ask] = place
        for finding in findings:
            self._enqueue(Ruled(finding, self._rule(finding)))

    def _enqueue(self, ruled: Ruled) -> None:
        """In the order of the text; where two start together, what the conversation supplied comes first."""
        finding, supplied = ruled.finding, ruled.verdict.provenance is Provenance.IN_CONTEXT
        order = (finding.span.start, not supplied, -finding.span.end, finding.entry, finding.detector)
        heappush(self._queue, ((*order, finding.key, next(self._count)), ruled))

    def _release(self, limit: int) -> str:
        """What may go out now that nothing new can be found before `limit`."""
        if not self._queue:
            return self._say_until(limit)
        first = len(self._sent)
        while self._queue and self._is_due(*self._queue[0], limit) and not self._stop:
            self._apply(heappop(self._queue)[1])
        if not self._stop:
            self._say_until(limit)
        return "".join(self._sent[first:])

    def _is_due(self, order: _Order, ruled: Ruled, limit: int) -> bool:
        """Something longer may still begin where it does. That saves no answer from a name which ends it, as
        of an entry every name is supplied or none.
        """
        start, action = order[0], ruled.verdict.action
        ends = action in _ENDING or (self._notice is None and action not in _PASSING)
        return start < limit or (start == limit and ends and ruled.finding.detector is Detector.NAME)

    def _apply(self, found: Ruled) -> None:
        ruled = self._supplied(found)
        self._list(ruled)
        match ruled.verdict.action:
            case Action.ALLOW | Action.FLAG:
                # Only what was itself supplied lets others pass, never what passed with it.
                if found.verdict.provenance is Provenance.IN_CONTEXT:
                    self._pass(ruled)
            case Action.REDACT | Action.REWRITE if self._notice is not None:
                self._redact(ruled.finding)
            case _:
                self._refuse(ruled)

    def _list(self, ruled: Ruled) -> None:
        kind = (ruled.finding.entry, ruled.finding.detector, ruled.verdict.action)
        if len(self._ruled) < MOST_LISTED or kind not in self._kinds:
            self._ruled.append(ruled)
        else:
            self.unlisted += 1
        self._kinds.add(kind)

    def _supplied(self, ruled: Ruled) -> Ruled:
        """What overlaps a string of the same entry that the conversation supplied shares its verdict.

        A window that begins in a quotation and runs on is part of it; where the quotation has ended, the next
        window no longer overlaps it. A secret shares it only where it lies inside the supplied one.
        """
        finding = ruled.finding
        passing = self._passing.get((finding.entry, finding.detector))
        if passing is None or ruled.verdict.provenance is Provenance.IN_CONTEXT:
            return ruled
        end = finding.span.start + 1 if finding.detector is Detector.VERBATIM else finding.span.end
        return Ruled(finding, passing.verdict) if end <= passing.finding.span.end else ruled

    def _pass(self, ruled: Ruled) -> None:
        key = (ruled.finding.entry, ruled.finding.detector)
        known = self._passing.get(key)
        if known is None or known.finding.span.end < ruled.finding.span.end:
            self._passing[key] = ruled

    def _redact(self, finding: Finding) -> None:
        new = finding.span.start >= self._covered
        if new:
            self._say_until(finding.span.start)
            self._region = set()
        if finding.entry not in self._region:
            self._region.add(finding.entry)
            self._regions[finding.entry] += 1
        self._covered = max(self._covered, finding.span.end)
        self._released.withhold(finding.span)
        opening = not self._spoken
        if self._regions[finding.entry] > 1:
            self._stop = Stop(Action.REDACT, finding.entry)
        elif new:
            self._say_notice()
            self._stop = Stop(Action.REDACT, finding.entry) if opening else None
        self._drop_until(self._covered)

    def _refuse(self, ruled: Ruled) -> None:
        self._say_until(ruled.finding.span.start)
        self._stop = Stop(ruled.verdict.action, ruled.finding.entry)
        if not self._noticed:
            self._say_notice()

    def _say_notice(self) -> None:
        if self._notice is not None:
            last = self._sent[-1][-1] if self._sent else " "
            glue = "" if last.isspace() or last in OPENING else " "
            self._sent.append(glue + self._notice)
            self._noticed = True

    def _say_until(self, offset: int) -> str:
        if offset <= self._at:
            return ""
        size = offset - self._at
        text, self._held, self._at = self._held[:size], self._held[size:], offset
        if self._noticed and self._after_notice():
            text = _beside(self._sent[-1], text)
        if not text:
            return ""
        self._sent.append(text)
        self._spoken = self._spoken or any(map(str.isalnum, text))
        return text

    def _after_notice(self) -> bool:
        return self._noticed and bool(self._sent) and self._sent[-1].endswith(self._notice or "\0")

    def _drop_until(self, offset: int) -> None:
        if offset > self._at:
            self._held, self._at = self._held[offset - self._at :], offset


def _beside(notice: str, text: str) -> str:
    """The text as it follows a notice: two words stay two, and one end of a sentence is enough."""
    if notice[-1].isalnum() and text[0].isalnum():
        return " " + text
    return text.lstrip(ENDING) if notice[-1] in ENDING else text
