"""What a prompt contains of what must be forgotten, and what follows from it for its answer.

Rule: a report is whole at every stage: before the judge has spoken it holds what the exact detectors found.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import nlargest
from itertools import chain
from math import inf

from filters.cloak import Cloak
from filters.cutting import around_names
from filters.evidence import Evidence
from filters.pieces import Piece
from filters.questions import Question
from filters.regions import regions, without
from filters.segment import Found, Segment
from filters.semantic import Levels
from filters.sightings import Sighting
from filters.supplied import Supplied
from policy.action import Action, strictest
from policy.finding import Detector, Span
from policy.surface import Role
from policy.verdict import conferring

CUT = frozenset({Action.REDACT, Action.REWRITE})
# Of one request.
MOST_PIECES = 64
# One word in four million: a title or a town, but no year and no trade.
RARE_BITS = 22


@dataclass(frozen=True, slots=True)
class PromptReport:
    """`active`: the places of the entries that the conversation is about. `knowing`: those of which it
    supplied knowledge, more than a name or a question. `tail`: the end of the prompt, by which a text that
    the answer goes on with is recognised, and `tails` those of prompts that choices go on with, each with the
    first of its choices. `question`: what to judge an answer's sentences with. `left_out`:
    how many sentences were too many to be judged. `near`: how often a forgotten passage was nearly hit.
    `told`: the facts about an entry that weak strings say; `identified`: the entries that they come to.
    `covering`: what it says of passages, of each too little to be it. `marks`: where the session has now said
    as much as a portion of one, which counts later whether or not this request goes on. `read_whole`: whether
    all that is encoded in it was read. `cloak`: what it wears where it goes on instead of being refused.
    `all_judged`: whether every answer's sentences are judged. `at`: when the request came; the entries in
    force then bind its answer too: `in_force`.
    """

    segments: tuple[Segment, ...]
    at: datetime
    findings: tuple[Found, ...]
    evidence: tuple[Evidence, ...]
    action: Action
    active: frozenset[int]
    knowing: frozenset[int]
    supplied: Supplied
    tail: str
    question: str
    levels: Levels | None
    sightings: tuple[Sighting, ...]
    questions: tuple[Question, ...]
    left_out: int
    near: int = 0
    told: Mapping[int, Sequence[Piece]] = field(default_factory=dict)
    identified: frozenset[int] = frozenset()
    covering: tuple[Piece, ...] = ()
    marks: tuple[Piece, ...] = ()
    read_whole: bool = True
    tails: tuple[tuple[int, str], ...] = ()
    cloak: Cloak | None = None
    all_judged: bool = False
    in_force: frozenset[int] = frozenset()

    @staticmethod
    def unscanned(segments: Sequence[Segment], at: datetime) -> "PromptReport":
        """Of a prompt in which there was nothing to look for."""
        return PromptReport(
            segments=tuple(segments),
            at=at,
            findings=(),
            evidence=(),
            action=strictest(()),
            active=frozenset(),
            knowing=frozenset(),
            supplied=Supplied.nothing(),
            tail="",
            question="",
            levels=None,
            sightings=(),
            questions=(),
            left_out=0,
        )

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What it says without saying enough, for the session; of very much, what tells most."""
        facts = chain.from_iterable(said for place, said in self.told.items() if place not in self.active)
        both = (facts, self.covering)
        most = (nlargest(MOST_PIECES, said, key=lambda piece: piece.bits) for said in both)
        return (*self.marks, *chain(*most))

    @property
    def meant(self) -> frozenset[int]:
        """The places of the entries that an answer may be about, also by a name that is another's too."""
        return self.active | {sighting.place for sighting in self.sightings if sighting.shared}

    @property
    def asks(self) -> tuple[str, ...]:
        """The texts that the judge has still to be asked about."""
        return tuple(question.text for question in self.questions)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each of them its part of the prompt's rate of false alarms."""
        return tuple(question.share for question in self.questions)

    @property
    def judges_answer(self) -> bool:
        """Whether an answer's sentences are worth judging: the prompt is about an entry, near one, or says
        something rare of one, by which it may be meant.
        """
        near = any(evidence.semantic > -inf for evidence in self.evidence)
        means = any(fact.bits >= RARE_BITS for said in self.told.values() for fact in said)
        return self.levels is not None and (self.all_judged or near or means or bool(self.meant))

    @property
    def is_cut(self) -> bool:
        """Whether the prompt goes on without something that it says."""
        return self.action in CUT

    def tail_of(self, choice: int) -> str:
        """The end of what a choice goes on from."""
        own = [tail for first, tail in self.tails if first <= choice]
        return own[-1] if own else self.tail

    def in_context(self, key: int) -> frozenset[Role]:
        """The roles that supplied the string of this key."""
        return conferring(self.supplied.seen.get(key, frozenset()))

    def redacted(self, actions: Collection[Action] = CUT) -> list[tuple[Segment, str]]:
        """The segments that must be rewritten before the prompt may go on, with their new texts.

        Beside a name more is cut than the name: else the rest would show what was cut, and so which guess
        was right.
        """
        found: dict[int, list[Found]] = {}
        for one in self.findings:
            if one.verdict.action in actions:
                found.setdefault(one.segment, []).append(one)
        cloak = self.cloak if actions is CUT else None
        return [
            (segment, cloak.text(segment, each) if cloak else without(segment.text, self._cut(segment, each)))
            for segment, each in ((self.segments[place], each) for place, each in sorted(found.items()))
        ]

    def going_on(self) -> list[Segment]:
        """All segments with their new texts."""
        changed = {segment.path: text for segment, text in self.redacted()}
        return [replace(segment, text=changed.get(segment.path, segment.text)) for segment in self.segments]

    def _cut(self, segment: Segment, found: Sequence[Found]) -> list[Span]:
        """JSON must stay JSON, so of arguments no more than the strings are cut."""
        spans = [one.finding.span for one in found]
        if segment.path[-1:] != ("arguments",):
            names = (one.finding.span for one in found if one.finding.detector is Detector.NAME)
            spans += around_names(segment.text, [Span(*region) for region in regions(list(names))])
        return spans
