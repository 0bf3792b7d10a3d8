"""One answer: every choice, every channel and every part of it has a text guard of its own.

Rules:
1. A choice stops as a whole: once one of its texts has stopped, nothing of any of them goes out.
2. What one text of a choice makes active is active in the others: reasoning that names someone makes
   "Paris" a secret in the content.
3. A text in several parts is one, and so are the calls of tools: nothing may be cut over two of them.
4. The number of texts is bounded: more is an error, and an error ends the answer.
5. The entries that bind the answer are those in force when its prompt was scanned. Where there are none, no
   text is looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from filters.forgotten import Forgotten
from filters.json_view import JsonScanner
from filters.report import PromptReport
from filters.ruling import Ruling
from filters.scan import Ask, Scanner
from filters.scanners import Scanners
from filters.sentence_scanner import SentenceScanner
from filters.step import NOTHING, Step
from filters.string_scanner import Surroundings
from filters.tail import after, aside
from filters.text_guard import TextGuard
from filters.whole import Whole
from index.snapshot import Snapshot
from policy.entry import Model
from policy.finding import Finding
from policy.policy import Policy
from policy.surface import Channel
from policy.verdict import Verdict

# From this part on, arguments are plain strings (a tool's name, an id) and not JSON text.
PLAIN_PART = 10_000
MOST_TEXTS = 1024
# So many parts before one are looked at; a forgotten string has fewer words.
PARTS = 64
Since = Mapping[int, int]


class TooManyTexts(RuntimeError):
    """An answer of more texts than any honest one has."""


class TextKey(NamedTuple):
    """`part` is the tool call's index, or which of two fields of one channel it is."""

    choice: int
    channel: Channel
    part: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done about one finding in an answer, for the audit."""

    key: TextKey
    finding: Finding
    verdict: Verdict


@dataclass(slots=True)
class _Text:
    guard: TextGuard
    ruling: Ruling
    finished: bool = False


class AnswerGuard:
    """`machine_read`: the content is JSON for a program, so that no notice may stand in it.

    With `near_is_hit`, what comes near a passage counts as a window of it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Policy,
        prompt: PromptReport,
        *,
        model: Model,
        machine_read: bool = False,
        near_is_hit: bool = False,
    ) -> None:
        self._forgotten = Forgotten.now(snapshot, model, prompt.at)
        self._policy = policy
        self._prompt, self._meant = prompt, prompt.meant
        self._machine_read = machine_read
        self._near_is_hit = near_is_hit
        self._texts: dict[TextKey, _Text] = {}
        self._last: tuple[TextKey, TextGuard] | None = None
        self._stopped: set[int] = set()
        # By choice: which text makes which entries active, and from where on.
        self._told: dict[int, list[tuple[TextKey, Since]]] = {}

    @property
    def in_force(self) -> frozenset[int]:
        """The entries that bind it, by their places."""
        return self._forgotten.in_force

    @property
    def findings(self) -> tuple[Taken, ...]:
        return tuple(
            Taken(key, ruled.finding, ruled.verdict)
            for key, text in self._texts.items()
            for ruled in text.guard.findings
        )

    @property
    def unlisted(self) -> int:
        """How many findings there were besides those in `findings`, all of kinds that are among them."""
        return sum(text.guard.unlisted for text in self._texts.values())

    @property
    def near(self) -> int:
        """How often what was released came near a forgotten passage."""
        return sum(text.guard.near for text in self._texts.values())

    def passes(self, key: TextKey, text: str) -> bool:
        """Whether a text that is there whole goes out as it is, and is finished; else it is to be fed."""
        if key in self._texts or key.choice in self._stopped:
            return False
        whole = Whole(text, self._before(key), self._forgotten.snapshot.word_hash)
        found = self._text(key)
        found.finished = found.guard.passes(whole)
        return found.finished

    def feed(self, key: TextKey, text: str) -> Step:
        if not text or key.choice in self._stopped:
            return NOTHING
        # Events of one text follow each other, and hashing a key takes longer than comparing it.
        if self._last is None or self._last[0] != key:
            self._last = key, self._open(key).guard
        step = self._last[1].feed(text)
        return self._noted(key, step) if step.stop else step

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step:
        if key.choice in self._stopped:
            return NOTHING
        text = self._texts[key]
        return self._noted(key, text.guard.settle(ask, text.ruling.judged(ask, findings)))

    def finish(self, key: TextKey) -> Step:
        """Flush one text; call it for every key of `keys(choice)`, in that order, when the choice ends."""
        text = self._texts.get(key)
        if text is None or text.finished or key.choice in self._stopped:
            return NOTHING
        text.finished = True
        return self._noted(key, text.guard.finish())

    def keys(self, choice: int) -> tuple[TextKey, ...]:
        """The texts of a choice that are not finished: reasoning, content, refusal, then arguments."""
        order = (Channel.REASONING, Channel.CONTENT, Channel.REFUSAL, Channel.ARGUMENTS)
        unfinished = (key for key, text in self._texts.items() if key.choice == choice and not text.finished)
        return tuple(sorted(unfinished, key=lambda key: (order.index(key.channel), key.part)))

    def sent(self, key: TextKey) -> str:
        """Everything released of one text so far."""
        text = self._texts.get(key)
        return text.guard.sent if text else ""

    def stopped(self, choice: int) -> bool:
        return choice in self._stopped

    def _noted(self, key: TextKey, step: Step) -> Step:
        if step.stop:
            self._stopped.add(key.choice)
        return step

    def _open(self, key: TextKey) -> _Text:
        text = self._text(key)
        if text.finished:
            raise ValueError("Nothing may be fed to a text that has ended.")
        return text

    def _text(self, key: TextKey) -> _Text:
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= MOST_TEXTS:
                raise TooManyTexts(f"The answer has more than {MOST_TEXTS} texts.")
            text = self._texts[key] = self._new(key)
        return text

    def _new(self, key: TextKey) -> _Text:
        ruling = Ruling(self._forgotten, self._policy, self._prompt)
        scanners = list(self._scanners(key, ruling)) if self._forgotten.in_force else []
        prose = key.channel is not Channel.ARGUMENTS and not self._is_read(key)
        return _Text(TextGuard(scanners, ruling.rule, self._policy.notice if prose else None), ruling)

    def _scanners(self, key: TextKey, ruling: Ruling) -> Iterator[Scanner]:
        told = self._told.setdefault(key.choice, [])
        around = Surroundings(_active_beside(key, self._meant, told), ruling.supplied)
        pairs, meant = self._prompt.supplied.pairs, bool(self._meant)
        made = Scanners(self._forgotten, around, pairs, self._near_is_hit, keen=meant)
        before = self._before(key)
        for depth in self._depths(key):
            strings, coverage = made.strings(before), made.coverage(before)
            told.append((key, strings.since))
            yield _unescaping(made.encoded(strings), depth)
            if coverage is not None:
                told.append((key, coverage.since))
                yield _unescaping(coverage, depth)
        if self._prompt.judges_answer:
            yield _unescaping(SentenceScanner(self._prompt.question), self._depths(key)[0])

    def _before(self, key: TextKey) -> str:
        """What the text goes on from: another part of what it is a part of, another call, or the prompt."""
        parts = [part for part in self._texts if _is_beside(part, key)]
        said = [sent for part in parts[-PARTS:] if (sent := self.sent(part))]
        if key.channel is Channel.ARGUMENTS:
            return aside(said)
        return after(said, self._forgotten.snapshot) if said else self._prompt.tail_of(key.choice)

    def _is_read(self, key: TextKey) -> bool:
        """Whether a program reads the text as JSON."""
        return self._machine_read and key.channel is Channel.CONTENT

    def _depths(self, key: TextKey) -> tuple[int, ...]:
        """How often escapes are undone: arguments may hold JSON text themselves, so they are read twice."""
        if key.channel is Channel.ARGUMENTS and key.part < PLAIN_PART:
            return 1, 2
        return (0, 1) if self._is_read(key) else (0,)


def _is_beside(part: TextKey, key: TextKey) -> bool:
    """Whether a client may read the one after the other: names after names, and arguments after arguments."""
    return part != key and part[:2] == key[:2] and (part.part < PLAIN_PART) == (key.part < PLAIN_PART)


def _active_beside(
    key: TextKey, active: frozenset[int], told: Sequence[tuple[TextKey, Since]]
) -> Callable[[int], bool]:
    return lambda place: place in active or any(place in since for other, since in told if other != key)


def _unescaping(scanner: Scanner, depth: int) -> Scanner:
    return _unescaping(JsonScanner(scanner), depth - 1) if depth else scanner
