"""What is done with large texts, in a process of its own (`helper.py`).

Rule: what it cannot do it tells without a word of the text.
"""

from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from filters.segment import Segment
from filters.semantic import Levels
from gateway.errors import ApiError
from gateway.helper import Broken, broken, serve
from gateway.prompt import Body, Hits, Reader, ReadPrompt, Scan, Scanned
from gateway.wire.answer import Heard, WireError
from gateway.wire.measures import measures
from gateway.wire.request import Request
from gateway.wire.wires import wires
from gateway.wire.writer import Frame
from index.snapshot import Snapshot, SnapshotError
from policy.policy import Policy
from policy.surface import Role

# The findings of one prompt that are told one by one.
LISTED = 1000
_ELSEWHERE = Segment(Role.USER, "", -1, ())


@dataclass(frozen=True, slots=True)
class Start:
    """What the process works with. The key is handed over the line: an environment can be read by others."""

    policy: Policy
    folder: Path
    key: bytes
    generation: int
    levels: Levels | None

    def reader(self) -> Reader:
        snapshot = Snapshot.load(self.folder, self.key)
        if snapshot.generation != self.generation:
            raise SnapshotError("the snapshot was built anew meanwhile")
        return Reader(self.policy, snapshot, self.levels)


@dataclass(frozen=True, slots=True)
class Read:
    body: Body


@dataclass(frozen=True, slots=True)
class ScanIt:
    body: Body
    scan: Scan
    heard: Hits | None = None


@dataclass(frozen=True, slots=True)
class Hear:
    wire: str
    raw: bytes
    choices: int
    streamed: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """The answer of an API that answers with numbers."""

    measure: str
    raw: bytes
    sent: bytes
    frame: Frame
    size: int | None


Job = Read | ScanIt | Hear | Tell


Done = Request | Scanned | Heard | bytes | ApiError | WireError | Broken


def work(line: Connection, start: Start) -> None:
    serve(line, lambda: Worker(start.reader()).done)


class Worker:
    """Keeps the last prompt, because most are asked for twice: to be read, and then to be scanned."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last: tuple[Body, ReadPrompt] | None = None
        self._scan: Scan | None = None

    def done(self, job: Job) -> Done:
        try:
            return self._done(job)
        except (ApiError, WireError) as error:
            return error
        except Exception as error:  # the one boundary: neither its message nor its trace is told
            return broken(error)

    def _done(self, job: Job) -> Done:
        match job:
            case Read(body):
                return self._read(body).request.without_texts()
            case ScanIt(body, scan, told):
                return slim(self._scanned(self._read(body), scan, told))
            case Hear(wire, raw, choices, streamed):
                return wires()[wire].heard(raw, choices, streamed)
            case Tell(measure, raw, sent, frame, size):
                return measures()[measure].told(raw, sent, frame, size)

    def _read(self, body: Body) -> ReadPrompt:
        if self._last is None or self._last[0] != body:
            self._last, self._scan = (body, self._reader.read(body)), None
        return self._last[1]

    def _scanned(self, prompt: ReadPrompt, scan: Scan, told: Hits | None) -> Scanned:
        if told is None or self._scan != scan:
            scanned, self._scan = prompt.scan(scan), scan
        if told is not None:
            scanned = prompt.settle(told)
        if scanned.body is not None:
            # It may have been rewritten.
            self._last = None
        return scanned


def slim(scanned: Scanned) -> Scanned:
    """Without the texts that nobody needs any more: what waits for it could not take it in a moment."""
    report = scanned.report
    findings = report.findings[:LISTED]
    told = {found.segment for found in findings}
    segments = tuple(
        segment if number in told else _ELSEWHERE for number, segment in enumerate(report.segments)
    )
    # Put in order here: it takes a while where the words are many.
    report.supplied.has_word(0)
    report = replace(report, segments=segments, findings=findings, sightings=())
    return replace(scanned, report=report, unlisted=len(scanned.report.findings) - len(findings))
