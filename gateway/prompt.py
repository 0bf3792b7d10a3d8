"""A prompt's way through the filters: read, scanned, judged, and refused or rewritten before it goes on.

Rule: what goes on is built from what was read and scanned, wherever that was done: a small body in the
process that serves, a large one in a process of its own (`large.py`).
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import orjson

from filters.pieces import Piece
from filters.prompt import PromptReport, PromptScanner
from filters.semantic import Levels
from gateway.config import Limits
from gateway.limits.near_hits import NearHits
from gateway.ocr import Ocr
from gateway.pictures import with_words
from gateway.wire.measures import api
from gateway.wire.media import MediaRule
from gateway.wire.reading import rewritable, rewrite
from gateway.wire.request import Request
from index.similarity import Hit
from index.snapshot import Snapshot
from policy.action import Action
from policy.entry import Model
from policy.finding import Detector
from policy.policy import Policy

Hits = Sequence[tuple[Hit, ...]]


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body as it came, by which API, and what it must keep to."""

    raw: bytes
    limits: Limits
    strip_unknown: bool
    wire: str = "chat"


def may_show(body: Body) -> bool:
    """Whether there may be pictures to read, which takes long. Escapes may hide the word."""
    return body.limits.media is MediaRule.READ and (b"image" in body.raw or b"\\u" in body.raw)


@dataclass(frozen=True, slots=True)
class Scan:
    """What entries bind: a model, at a time; and how strictly they are taken. `remembered` is what the
    session said before. `twin`: also make the prompt as it would be without what is flagged.
    """

    model: Model
    at: datetime
    near_is_hit: bool = False
    remembered: tuple[Piece, ...] = ()
    twin: bool = False


@dataclass(frozen=True, slots=True)
class Scanned:
    """`body` may go on with the model's name put in; None: nothing may, or the judge must be asked first.

    `near` counts what the prompt says of forgotten passages, or nearly says. `unlisted`: how many findings
    there are besides those of the report. `twin` is the body without what is flagged, where that was wanted.
    """

    report: PromptReport
    near: int
    body: bytes | None
    unlisted: int = 0
    twin: bytes | None = None

    @property
    def kept(self) -> tuple[Piece, ...]:
        """For the session: of what does not go on nothing, but that the session had said so much before."""
        return self.report.marks if self.body is None else self.report.pieces

    @property
    def must_ask(self) -> bool:
        """What is refused already needs no judge: nothing it could say would change the answer."""
        return _must_ask(self.report)


class Reader:
    """What it takes to read and to scan."""

    def __init__(self, policy: Policy, snapshot: Snapshot, levels: Levels | None) -> None:
        self._policy, self._snapshot, self._levels = policy, snapshot, levels

    def read(self, body: Body) -> "ReadPrompt":
        request = api(body.wire).read(body.raw, body.limits, body.strip_unknown)
        if body.limits.media is MediaRule.READ:
            request = with_words(request, Ocr(body.limits.ocr))
        return ReadPrompt(self, request)

    def scanner(self, scan: Scan) -> PromptScanner:
        return PromptScanner(
            self._snapshot,
            self._policy,
            scan.model,
            scan.at,
            self._levels,
            near_is_hit=scan.near_is_hit,
            remembered=scan.remembered,
        )

    def nothing(self, scan: Scan) -> PromptReport:
        """The report of a prompt that nobody knows."""
        return self.scanner(scan).scan(())


class ReadPrompt:
    """One request, read. Its methods take as long as they take."""

    def __init__(self, reader: Reader, request: Request) -> None:
        self._reader, self.request = reader, request
        self._scanner: PromptScanner | None = None
        self._report: PromptReport | None = None
        self._wants_twin = False

    def scan(self, scan: Scan) -> Scanned:
        self._scanner, self._wants_twin = self._reader.scanner(scan), scan.twin
        return self._scanned(self._scanner.scan(self.request.segments))

    def settle(self, heard: Hits) -> Scanned:
        """With what the judge said to the last scan's questions."""
        assert self._scanner is not None
        assert self._report is not None
        return self._scanned(self._scanner.settle(self._report, heard))

    def _scanned(self, report: PromptReport) -> Scanned:
        self._report = report
        body = None if _must_ask(report) else passed_on(self.request, report)
        near = report.near + hits(report)
        if body is None or not self._wants_twin or report.action is not Action.FLAG:
            return Scanned(report, near, body)
        twin = twin_of(body, report)
        # What cannot be asked without it is not asked at all.
        return Scanned(report, near, body if twin is not None else None, twin=twin)


class Prompt(Protocol):
    """One request, wherever it was read. Its texts may be elsewhere."""

    @property
    def request(self) -> Request: ...

    async def scan(self, scan: Scan) -> Scanned: ...

    async def settle(self, heard: Hits) -> Scanned: ...


class SmallPrompt:
    """Read here: it takes no longer than a few events of other answers."""

    def __init__(self, read: ReadPrompt) -> None:
        self._read = read
        self.request = read.request

    async def scan(self, scan: Scan) -> Scanned:
        return self._read.scan(scan)

    async def settle(self, heard: Hits) -> Scanned:
        return self._read.settle(heard)


# Of each text its part of the prompt's rate of false alarms; none where what is said of it changes nothing.
# And the entries that bind who asks, by their places.
Judge = Callable[[Sequence[str], Sequence[float] | None, Collection[int]], Awaitable[Hits]]
# What the session said before about what these pieces are of.
Recall = Callable[[Sequence[Piece]], Awaitable[tuple[Piece, ...]]]


async def checked(prompt: Prompt, scan: Scan, near: NearHits, judge: Judge, recall: Recall | None) -> Scanned:
    """Scanned as strictly as the key's budget wants it, with what the session said before, and judged."""
    scanned = await prompt.scan(scan)
    pieces = scanned.report.pieces if recall is not None else ()
    if recall is not None and pieces and (remembered := await recall(pieces)):
        scan = replace(scan, remembered=remembered)
        scanned = await prompt.scan(scan)
    if not near.in_prompt(scanned.near):
        scanned = await prompt.scan(replace(scan, near_is_hit=True))
    report = scanned.report
    if scanned.must_ask:
        return await prompt.settle(await judge(report.asks, report.shares, report.in_force))
    if report.questions:
        # What is refused already goes the same way: how long that takes tells nothing of who found it.
        await judge(report.asks, None, report.in_force)
    return scanned


def bare(report: PromptReport) -> PromptReport:
    """What an answer is guarded by, without what was found in the prompt."""
    return replace(report, segments=(), findings=(), sightings=(), questions=())


def _must_ask(report: PromptReport) -> bool:
    return bool(report.questions) and report.action is not Action.REFUSE


def hits(report: PromptReport) -> int:
    """How many pieces of passages the prompt says: a guess that was right costs what a wrong one does."""
    if not report.findings:
        return 0
    found = [each.finding.detector for each in report.findings]
    return found.count(Detector.VERBATIM) or found.count(Detector.COVERAGE)


def passed_on(request: Request, report: PromptReport) -> bytes | None:
    """The body with what must be rewritten; None when the prompt must be refused."""
    if report.action is Action.REFUSE:
        return None
    changed = report.redacted()
    if not all(rewritable(segment.path) for segment, _ in changed):
        return None
    for segment, text in changed:
        rewrite(request.body, segment.path, text)
    return orjson.dumps(request.body)


def twin_of(body: bytes, report: PromptReport) -> bytes | None:
    """The body without what is flagged; None where that cannot be cut."""
    changed = report.redacted({Action.FLAG})
    if not all(rewritable(segment.path) for segment, _ in changed):
        return None
    twin = orjson.loads(body)
    for segment, text in changed:
        rewrite(twin, segment.path, text)
    return orjson.dumps(twin)


def with_model(body: bytes, model: str) -> bytes:
    """The body, an object that is not empty and names no model, with the model's name first."""
    return b'{"model":%b,%b' % (orjson.dumps(model), body[1:])
