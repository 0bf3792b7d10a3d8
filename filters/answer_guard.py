"""One answer: every choice, every channel and every part of it has a text guard of its own.

Rules:
1. A choice stops as a whole: once one of its texts has stopped, nothing of any of them goes out.
2. What one text of a choice makes active is active in the others: reasoning that names someone makes
   "Paris" a secret in the content.
3. Provenance decides: what the conversation supplied is ruled as the prompt was, what the model recalled by
   the answer's rule. A name is supplied when the entry is named at all, in whatever form; a sentence when all
   that is telling in it was.
4. The number of texts is bounded: more is an error, and an error ends the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from filters.forgotten import Forgotten
from filters.json_view import JsonScanner
from filters.repetition import is_supplied, repeats
from filters.report import PromptReport
from filters.scan import Ask, Scanner
from filters.sentence_scanner import SentenceScanner
from filters.step import NOTHING, Step
from filters.string_scanner import StringScanner, Surroundings
from filters.text_guard import TextGuard
from index.snapshot import Snapshot
from policy.finding import Detector, Finding
from policy.policy import Policy
from policy.surface import Channel, Role
from policy.verdict import Verdict, conferring, on_answer, provenance

# From this part on, arguments are plain strings (a tool's name, an id) and not JSON text.
PLAIN_PART = 10_000
MOST_TEXTS = 1024
_NOBODY: frozenset[Role] = frozenset()


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
    scanners: tuple[StringScanner, ...]
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
        model: str,
        now: datetime,
        machine_read: bool = False,
        near_is_hit: bool = False,
    ) -> None:
        self._forgotten = Forgotten.now(snapshot, model, now)
        self._places = snapshot.places
        self._policy = policy
        self._prompt = prompt
        self._machine_read = machine_read
        self._near_is_hit = near_is_hit
        self._texts: dict[TextKey, _Text] = {}
        self._last: tuple[TextKey, TextGuard] | None = None
        self._stopped: set[int] = set()
        self._repeating: set[tuple[TextKey, Finding]] = set()

    @property
    def findings(self) -> tuple[Taken, ...]:
        return tuple(
            Taken(key, ruled.finding, ruled.verdict)
            for key, text in self._texts.items()
            for ruled in text.guard.findings
        )

    @property
    def near(self) -> int:
        """How often what was released came near a forgotten passage."""
        return sum(text.guard.near for text in self._texts.values())

    def feed(self, key: TextKey, text: str) -> Step:
        if not text or key.choice in self._stopped:
            return NOTHING
        # Events of one text follow each other, and hashing a key takes longer than comparing it.
        if self._last is None or self._last[0] != key:
            self._last = key, self._text(key).guard
        step = self._last[1].feed(text)
        return self._noted(key, step) if step.stop else step

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step:
        if key.choice in self._stopped:
            return NOTHING
        in_force = [
            finding for finding in findings if self._places[finding.entry] in self._forgotten.in_force
        ]
        for finding in in_force:
            if self._repeats(ask, self._places[finding.entry]):
                self._repeating.add((key, finding))
        return self._noted(key, self._texts[key].guard.settle(ask, in_force))

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

    def _text(self, key: TextKey) -> _Text:
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= MOST_TEXTS:
                raise TooManyTexts(f"The answer has more than {MOST_TEXTS} texts.")
            text = self._texts[key] = self._new(key)
        return text

    def _new(self, key: TextKey) -> _Text:
        around = Surroundings(self._active_beside(key), lambda run: is_supplied(run, self._is_supplied))
        before = "" if key.channel is Channel.ARGUMENTS else self._prompt.tail
        depths = self._depths(key)
        strings = tuple(
            StringScanner(self._forgotten, around, before, near_is_hit=self._near_is_hit) for _ in depths
        )
        scanners = [_unescaping(scanner, depth) for scanner, depth in zip(strings, depths, strict=True)]
        if self._prompt.judges_answer:
            scanners.append(_unescaping(SentenceScanner(self._prompt.question), depths[0]))
        prose = key.channel is not Channel.ARGUMENTS and not self._is_read(key)
        return _Text(
            TextGuard(scanners, partial(self._rule, key), self._policy.notice if prose else None), strings
        )

    def _is_read(self, key: TextKey) -> bool:
        """Whether a program reads the text as JSON."""
        return self._machine_read and key.channel is Channel.CONTENT

    def _depths(self, key: TextKey) -> tuple[int, ...]:
        """How often escapes are undone: arguments may hold JSON text themselves, so they are read twice."""
        if key.channel is Channel.ARGUMENTS and key.part < PLAIN_PART:
            return 1, 2
        return (0, 1) if self._is_read(key) else (0,)

    def _active_beside(self, key: TextKey) -> Callable[[int], bool]:
        def active(place: int) -> bool:
            return place in self._prompt.active or any(
                place in scanner.since
                for other, text in self._texts.items()
                if other.choice == key.choice and other != key
                for scanner in text.scanners
            )

        return active

    def _rule(self, key: TextKey, finding: Finding) -> Verdict:
        place = self._places[finding.entry]
        rule = self._policy.rule_for(finding.entry, self._forgotten.snapshot.entries[place].reason)
        roles = conferring(self._supplying(key, place, finding))
        return Verdict(on_answer(rule, roles), provenance(roles))

    def _supplying(self, key: TextKey, place: int, finding: Finding) -> frozenset[Role]:
        """The roles whose text holds what was found."""
        supplied = self._prompt.supplied
        if finding.detector is Detector.NAME:
            return supplied.named.get(place, _NOBODY)
        if finding.detector is not Detector.SEMANTIC:
            return supplied.seen.get(finding.key, _NOBODY) if finding.key else _NOBODY
        if (key, finding) not in self._repeating:
            return _NOBODY
        return next((known.roles for known in self._prompt.evidence if known.place == place), _NOBODY)

    def _repeats(self, ask: Ask, place: int) -> bool:
        sentence = ask.text.removeprefix(f"{self._prompt.question} ")
        return repeats(sentence, self._is_supplied, knowing=place in self._prompt.knowing)

    def _is_supplied(self, word: str) -> bool:
        return self._prompt.supplied.has_word(self._forgotten.snapshot.word_hash(word))


def _unescaping(scanner: Scanner, depth: int) -> Scanner:
    return _unescaping(JsonScanner(scanner), depth - 1) if depth else scanner
