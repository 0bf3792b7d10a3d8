"""Every message of every role is scanned, alone and joined with its neighbours.

Rules:
1. A name of an entry is a finding by itself, as is a window of a passage and a strong secret. An ordinary
   word is one only where its entry is active: named, quoted or asked about anywhere in the conversation, or
   said by enough such words together.
2. A finding is ruled by the role in whose text it stands; one that is cut over messages is one in each.
3. The strictest verdict is the prompt's. One in which more is encoded than is ever read is refused.
4. Where no entry is in force nothing is looked for: there is nothing to find, and nobody to ask about it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from filters.cloak import Cloak
from filters.evidence import Heard, add_up
from filters.forgotten import Forgotten
from filters.mosaic import identified, told
from filters.pieces import Piece
from filters.questions import Questions, last_question, questions
from filters.regions import regions
from filters.report import PromptReport
from filters.segment import Found, Segment
from filters.semantic import Levels
from filters.sightings import Sighting, look
from filters.supplied import Supplied, roles_of
from filters.tail import tail, tails
from index.similarity import Hit
from index.snapshot import Snapshot
from policy.action import Action, strictest
from policy.entry import Model
from policy.finding import Detector, Finding, Span
from policy.policy import OnError, Policy
from policy.surface import Role
from policy.verdict import conferring, decide

__all__ = ["Found", "PromptReport", "PromptScanner", "Segment"]


class PromptScanner:
    """`levels` is `Levels.of(judge)` where there is a judge; without it a report asks nothing.

    With `near_is_hit`, what comes near a passage counts as a window of it. `remembered` is what earlier
    requests of the session said.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Policy,
        model: Model,
        now: datetime,
        levels: Levels | None = None,
        *,
        near_is_hit: bool = False,
        remembered: Sequence[Piece] = (),
    ) -> None:
        self._forgotten = Forgotten.now(snapshot, model, now)
        self._policy, self._at = policy, now
        self._levels = levels
        self._near_is_hit = near_is_hit
        self._remembered = remembered

    def scan(self, segments: Sequence[Segment]) -> PromptReport:
        if not self._forgotten.in_force:
            return PromptReport.unscanned(segments, self._at)
        sightings = look(
            self._forgotten,
            segments,
            self._remembered,
            near_is_hit=self._near_is_hit,
            depth=self._policy.views.depth if self._policy.views else 0,
        )
        facts = told(self._forgotten, sightings.found)
        words = len(sightings.words.hashes)
        asked = questions(segments, sightings.found) if self._levels is not None else Questions()
        report = PromptReport(
            segments=tuple(segments),
            at=self._at,
            findings=(),
            evidence=(),
            action=strictest(()),
            active=frozenset(),
            knowing=frozenset(),
            supplied=Supplied.of(segments, sightings),
            tail=tail(segments, self._forgotten.snapshot),
            tails=tails(segments, self._forgotten.snapshot),
            question=last_question(segments) if self._levels is not None else "",
            levels=self._levels,
            sightings=sightings.found,
            questions=asked.asked,
            left_out=asked.left_out,
            near=sightings.near,
            told=facts,
            covering=sightings.told,
            marks=sightings.marks,
            read_whole=sightings.read_whole,
            identified=identified(self._forgotten, facts, self._remembered, words),
            all_judged=bool(self._policy.cloak),
            in_force=self._forgotten.in_force,
        )
        nothing = not report.sightings and report.read_whole
        return report if nothing else self._ruled(report, {}, ())

    def settle(self, report: PromptReport, hits: Sequence[tuple[Hit, ...]]) -> PromptReport:
        """`hits` are the judge's answers to `report.asks`, one for each, in their order."""
        heard: dict[int, Heard] = {}
        found: list[tuple[int, int, Finding]] = []
        for question, answers in zip(report.questions, hits, strict=True):
            for hit in self._near(answers, question.share):
                heard[hit.entry] = _with(
                    heard.get(hit.entry), hit.score, report.segments[question.segment].role
                )
                if self._levels and (detector := self._levels.counting(hit, question.share)):
                    finding = Finding(self._forgotten.id(hit.entry), detector, question.span, hit.score)
                    found.append((hit.entry, question.segment, finding))
        return self._ruled(replace(report, questions=()), heard, found)

    def _near(self, hits: Iterable[Hit], share: float) -> Iterator[Hit]:
        grey = self._levels.grey_at(share) if self._levels is not None else 0.0
        return (hit for hit in hits if hit.entry in self._forgotten.in_force and hit.score >= grey)

    def _ruled(
        self, report: PromptReport, heard: Mapping[int, Heard], judged: Sequence[tuple[int, int, Finding]]
    ) -> PromptReport:
        strong = {sighting.place for sighting in report.sightings if sighting.strong}
        active = frozenset(strong | report.identified | {place for place, _, _ in judged})
        counting = [seen for seen in report.sightings if seen.strong or seen.place in active]
        exact = list(_findings(self._forgotten, counting))
        views = _views(counting)
        findings = tuple(
            self._rule(report, place, segment, finding, views.get((place, segment, finding.key), ""))
            for place, segment, finding in (*exact, *judged)
        )
        action = Action.REFUSE if self._is_unread(report) else _strictest(findings)
        names = self._policy.cloak if action is Action.REDACT else ()
        ruled = replace(
            report,
            findings=findings,
            evidence=add_up(self._forgotten, report.segments, report.sightings, heard),
            action=action,
            cloak=Cloak.over(report.segments, findings, names) if names else None,
            active=active,
            knowing=frozenset(_known(report, judged)),
            # The answer to a question that is itself near is judged alone, or all of it would be near.
            question="" if judged else report.question,
        )
        if ruled.cloak is None or self._levels is None:
            return ruled
        # What somebody else is asked is as far from all entries as what strangers are.
        return replace(ruled, question=last_question(ruled.going_on()))

    def _is_unread(self, report: PromptReport) -> bool:
        """Whether what was not read must be taken for the worst."""
        return not report.read_whole and self._policy.on_error is OnError.CLOSED

    def _rule(self, report: PromptReport, place: int, segment: int, finding: Finding, view: str) -> Found:
        reason = self._forgotten.snapshot.entries[place].reason
        verdict = decide(self._policy, finding, reason, report.segments[segment].role, {})
        return Found(segment, finding, verdict, view)


def _strictest(findings: Iterable[Found]) -> Action:
    return strictest(found.verdict.action for found in findings)


def _views(seen: Iterable[Sighting]) -> dict[tuple[int, int, int], str]:
    """How each string of an entry was read in a segment: as it stands, if it does anywhere."""
    views: dict[tuple[int, int, int], str] = {}
    for sighting in seen:
        for part in sighting.parts:
            known = sighting.place, part.segment, sighting.key
            views[known] = min(views.get(known, sighting.view), sighting.view)
    return views


def _with(heard: Heard | None, score: float, role: Role) -> Heard:
    if heard is None:
        return Heard(score, frozenset({role}))
    return Heard(max(score, heard.score), heard.roles | {role})


def _known(report: PromptReport, judged: Sequence[tuple[int, int, Finding]]) -> Iterator[int]:
    """The entries of which the prompt supplies a string that is no name, or a telling sentence."""
    for sighting in report.sightings:
        if sighting.detector is not Detector.NAME and conferring(roles_of(sighting, report.segments)):
            yield sighting.place
    for place, segment, finding in judged:
        said = report.segments[segment]
        text = said.text[finding.span.start : finding.span.end]
        if conferring((said.role,)) and not text.rstrip().endswith("?"):
            yield place


def _findings(forgotten: Forgotten, seen: Iterable[Sighting]) -> Iterator[tuple[int, int, Finding]]:
    """A finding for each name and secret; overlapping windows of one entry are one."""
    windows: dict[tuple[int, int], list[tuple[Span, int]]] = {}
    for sighting in seen:
        for part in sighting.parts:
            span = Span(part.start, part.end)
            if sighting.detector is Detector.VERBATIM:
                windows.setdefault((sighting.place, part.segment), []).append((span, sighting.key))
            else:
                finding = Finding(forgotten.id(sighting.place), sighting.detector, span, 1.0, sighting.key)
                yield sighting.place, part.segment, finding
    for (place, segment), found in windows.items():
        keys = {span.start: key for span, key in reversed(found)}
        for start, end in regions([span for span, _ in found]):
            finding = Finding(forgotten.id(place), Detector.VERBATIM, Span(start, end), 1.0, keys[start])
            yield place, segment, finding
