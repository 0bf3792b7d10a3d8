"""The exact detectors over one text: passages, names and secrets, secrets made of digits.

Rule 1: a passage's window, a name and a secret of 30 bits or more are found wherever they stand.
Rule 2: an ordinary word ("Paris") is a secret only where its entry is active: the conversation is about it,
        or a name, window or strong secret of the entry begins before the end of the word's own sentence.
Rule 3: until that sentence has ended the word is not clear, because the name may still come.
Rule 4: with `near_is_hit`, what comes near a passage is found as a window is, so that no more than its first
        `reveal` units go out. Without it, it is only told, once it is certain that no window came of it.

One scanner and not three, because rule 2 depends on the order in which things stand, not on that of feeding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from filters.forgotten import Forgotten, is_strong
from filters.matcher import Match, shifted
from filters.near import Runs
from filters.reading import Reading
from filters.scan import Ask, Scan
from filters.sentence_end import LEFT_CONTEXT, LONGEST, goes_on, sentence_end
from filters.spelling import Spelling, spells
from filters.stretches import LEAST, stretches
from filters.whole import Whole
from index.table_search import breaks_off, find
from index.traits import BEGINS, NAMES
from index.units import Unit
from policy.finding import Detector, Finding, Span

# From this many units on, an unfinished window of an active entry is withheld when the answer ends in it.
UNFINISHED = 4


@dataclass(slots=True)
class _Pending:
    """A low-entropy secret whose entry is not active. `until` is its sentence's end, once that is known."""

    finding: Finding
    entry: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of the conversation says: `active`, whether it makes an entry active, and `supplied`,
    whether it supplied all that an unfinished run of units tells.
    """

    active: Callable[[int], bool]
    supplied: Callable[[Sequence[Unit]], bool]


class StringScanner:
    """`before` is the prompt's tail. `since` says from where on this text makes which entries active.

    Pieces of `long` characters or more are read in bulk as far as can be.
    """

    def __init__(
        self,
        forgotten: Forgotten,
        around: Surroundings,
        before: str = "",
        *,
        near_is_hit: bool = False,
        spelling: bool = False,
        long: int = LEAST,
    ) -> None:
        self._forgotten = forgotten
        self._around = around
        self._near_is_hit = near_is_hit
        self._spelling = spelling
        self._long = long
        self._runs = Runs()
        self.since: dict[int, int] = {}
        self._pending: list[_Pending] = []
        self._found: list[Finding] = []
        self._before = before
        self._fed, self._shift = 0, len(before)
        self._text, self._origin = "", 0

    @cached_property
    def _reading(self) -> Reading:
        """Made when it is needed: nearly every text that is there whole passes without."""
        reading = Reading(self._forgotten.snapshot, spelling=self._spelling)
        reading.feed(self._before)
        return reading

    def passes(self, whole: Whole) -> bool:
        snapshot, words = self._forgotten.snapshot, whole.hashes
        wanted = snapshot.traits.together(whole.words)
        if (
            (wanted & BEGINS and find(snapshot.phrases, words))
            or (wanted & NAMES and snapshot.loose.may_stand_in(whole.words))
            or find(snapshot.passages, words)
            or find(snapshot.digits, whole.figures)
            or breaks_off(snapshot.passages, words, UNFINISHED)
        ):
            return False
        return not (self._spelling and spells(snapshot.letters, self._before + whole.text, whole.words))

    def feed(self, text: str) -> Scan:
        if len(text) < self._long:
            return self._feed(text)
        scans = [self._feed(piece) for piece in stretches(text)]
        findings = chain.from_iterable(scan.findings for scan in scans)
        near = chain.from_iterable(scan.near for scan in scans)
        return Scan(scans[-1].clear, tuple(findings), near=tuple(near))

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        raise ValueError("The exact detectors ask nothing, so there is nothing to settle.")

    def finish(self) -> Scan:
        self._reading.finish()
        self._take()
        self._resolve(self._fed, finished=True)
        self._withhold_unfinished()
        return self._scan(self._fed, finished=True)

    def _feed(self, text: str) -> Scan:
        self._fed += len(text)
        self._text += text
        long = len(text) >= self._long and not self._pending and not self._runs.open
        if not long or not self._reading.passes_over(text):
            self._reading.feed(text)
        if self._reading.windows or self._reading.strings or self._reading.spelled:
            self._take()
        sure = self._reading.earliest(self._fed + self._shift) - self._shift
        if sure < 0:
            sure = 0
        if self._pending:
            self._resolve(sure)
            sure = min([sure, *(pending.finding.span.start for pending in self._pending)])
        else:
            self._text = self._text[-LEFT_CONTEXT:]
            self._origin = self._fed - len(self._text)
        return self._scan(sure) if self._found or self._runs.open else Scan(sure)

    def _take(self) -> None:
        windows, strings = self._reading.windows, self._reading.strings
        for match in windows:
            self._window(match)
        for match in strings:
            self._string(match)
        for spelling in self._reading.spelled:
            self._spelled(spelling)
        self._reading.spelled.clear()
        windows.clear()
        strings.clear()

    def _window(self, raw: Match) -> None:
        place = self._forgotten.window_entry(raw.owner)
        if place is None:
            return
        (self._runs.near if raw.near else self._runs.whole)(Span(raw.begin, raw.end))
        match = shifted(raw, self._shift)
        if match and (self._near_is_hit or not raw.near):
            self._find(place, self._forgotten.finding(place, Detector.VERBATIM, match))

    def _string(self, raw: Match) -> None:
        match = shifted(raw, self._shift)
        phrase = self._forgotten.phrase(raw.owner, raw.capitals)
        if match is None or phrase is None:
            return
        finding = self._forgotten.finding(phrase.entry, phrase.detector, match)
        if is_strong(phrase):
            self._find(phrase.entry, finding)
        else:
            self._pending.append(_Pending(finding, phrase.entry))

    def _spelled(self, spelling: Spelling) -> None:
        """What letters spell counts as what is said; where chance may spell it, as an ordinary word does."""
        if spelling.passage:
            self._window(spelling.match)
            return
        match = shifted(spelling.match, self._shift)
        phrase = self._forgotten.phrase(spelling.match.owner, capitals=True)
        if match is None or phrase is None:
            return
        finding = self._forgotten.finding(phrase.entry, phrase.detector, match)
        if is_strong(phrase) and spelling.sure:
            self._find(phrase.entry, finding)
        else:
            self._pending.append(_Pending(finding, phrase.entry))

    def _find(self, place: int, finding: Finding) -> None:
        self._found.append(finding)
        start = finding.span.start
        self.since[place] = min(start, self.since.get(place, start))

    def _resolve(self, sure: int, finished: bool = False) -> None:
        """Find the pending secrets whose entry is active now; let go of those whose sentence has ended."""
        self._pending = [pending for pending in self._pending if self._waits(pending, sure, finished)]
        self._forget(min([self._fed, *(pending.finding.span.start for pending in self._pending)]))

    def _forget(self, before: int) -> None:
        """Text before this offset is not needed any more, but for a little context."""
        keep = max(self._origin, before - LEFT_CONTEXT)
        self._text, self._origin = self._text[keep - self._origin :], keep

    def _waits(self, pending: _Pending, sure: int, finished: bool) -> bool:
        self._find_end(pending)
        until = self._fed if finished and pending.until is None else pending.until
        begun = self.since.get(pending.entry)
        active = begun is not None and (until is None or begun < until)
        if active or self._around.active(pending.entry):
            self._found.append(pending.finding)
            return False
        return until is None or sure < until

    def _find_end(self, pending: _Pending) -> None:
        if pending.until is not None:
            return
        end = pending.finding.span.end
        found = sentence_end(self._text, max(0, end - self._origin))
        limit = end + LONGEST
        if found is not None and goes_on(self._text, found):
            found = None
        if found is not None or self._fed >= limit:
            pending.until = limit if found is None else min(found + self._origin, limit)

    def _withhold_unfinished(self) -> None:
        """A window of an active entry that breaks off with the answer could be asked for bit by bit."""
        run = self._reading.passages.run
        held = self._reading.passages.held_from
        if held is None or not self._breaks_off(run) or self._around.supplied(run):
            return
        place = next(filter(self._has_windows_and_is_active, sorted(self._forgotten.in_force)), None)
        start = max(0, held - self._shift)
        if place is not None and start < self._fed:
            span = Span(start, self._fed)
            share = len(run) / max(self._forgotten.snapshot.passages.lengths)
            self._found.append(Finding(self._forgotten.id(place), Detector.VERBATIM, span, share))

    def _breaks_off(self, run: Sequence[Unit]) -> bool:
        snapshot = self._forgotten.snapshot
        words = snapshot.word_hash.many([unit.text for unit in run])
        return breaks_off(snapshot.passages, words, UNFINISHED)

    def _has_windows_and_is_active(self, place: int) -> bool:
        active = place in self.since or self._around.active(place)
        return active and self._forgotten.snapshot.entries[place].windows > 0

    def _scan(self, clear: int, finished: bool = False) -> Scan:
        near = self._certain(finished) if self._runs.open else ()
        if not self._found and not near:
            return Scan(clear)
        found, self._found = tuple(self._found), []
        return Scan(clear, found, near=near)

    def _certain(self, finished: bool) -> tuple[Span, ...]:
        run = () if finished else self._reading.passages.run
        told = self._runs.certain(run[0].start if run else self._fed + self._shift)
        return tuple(
            Span(max(0, span.start - self._shift), span.end - self._shift)
            for span in told
            if span.end > self._shift
        )
