"""A text followed through the tables of a snapshot: passages and phrases in its words, numbers in its digits.

Rules: what is found is told as soon as it is certain; offsets count from the first piece's start. A number
ends with the word that its last digit stands in, so it is told when that word has ended. A long stretch in
which nothing is found is read in bulk, and then only its last units one by one: that changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from filters.covering import covering
from filters.loose_matcher import LooseMatcher
from filters.matcher import Match, Matcher
from filters.spelling import Spelling, SpellingReader
from filters.stretches import ends_words
from index.last_units import last_units
from index.snapshot import Snapshot
from index.traits import BEGINS, NAMES
from index.units import DigitReader, Unit, UnitReader
from index.whole_text import WholeText

_NOTHING = (None, None, None, None)


class Reading:
    """`windows`: what was found of passages and not taken yet; `strings`: of names and secrets; `spelled`: of
    both, by their letters.
    """

    def __init__(self, snapshot: Snapshot, *, spelling: bool = False) -> None:
        self.windows: list[Match] = []
        self.strings: list[Match] = []
        self._word_hash, self._traits = snapshot.word_hash, snapshot.traits
        self._words, self._digits = UnitReader(), DigitReader()
        tables = (snapshot.passages, snapshot.phrases, snapshot.digits)
        self.passages, self._phrases, self._numbers = (Matcher(each, snapshot.word_hash) for each in tables)
        self._longest = max(snapshot.passages.longest, snapshot.phrases.longest, 1)
        self._spelling = SpellingReader(snapshot.letters) if spelling else None
        self.spelled: list[Spelling] = []
        self._loose, self._names = LooseMatcher(snapshot.loose), snapshot.loose
        self._held: int | None = None
        self._unclosed: list[Match] = []

    def earliest(self, end: int) -> int:
        """Where the first thing that must wait begins; `end` where nothing must."""
        if (opened := self._words.open_at) is not None and opened < end:
            end = opened
        if self._held is not None and self._held < end:
            end = self._held
        return min(end, *(match.start for match in self._unclosed)) if self._unclosed else end

    def feed(self, text: str) -> None:
        words = self._words.feed(text)
        if words:
            self._push_words(words)
        figures = self._digits.feed(text)
        for unit in figures:
            self._push_digit(unit, words)
        if self._spelling is not None:
            self.spelled += self._spelling.feed(text, words)
        if words or figures:
            self._hold()

    def finish(self) -> None:
        if words := self._words.finish():
            self._push_words(words)
            if self._spelling is not None:
                self.spelled += self._spelling.feed("", words)

    def passes_over(self, text: str) -> bool:
        """Read a stretch in bulk, if nothing is found in it nor comes near; else leave it unread."""
        if self._unclosed or self._words.open_at is not None or not ends_words(text):
            return False
        if self._spelling is not None:
            return False
        whole = WholeText.of(text)
        figures = whole.figures if self._digits.running else whole.figures.lstrip()
        # A run of digits that goes on after the stretch is followed digit by digit.
        goes_on = figures[-1:].isdigit() or (self._digits.running and not figures)
        if goes_on or len(whole.words) < self._longest or self._finds(whole.words, figures):
            return False
        self._pass_over(text, figures)
        return True

    def _finds(self, words: Sequence[str], figures: bytes) -> bool:
        hashes = self._word_hash.many(words)
        if self.passages.finds(hashes) or self._phrases.finds(hashes) or self._finds_names(words):
            return True
        return bool(figures) and self._numbers.finds(self._word_hash.figures(figures))

    def _finds_names(self, words: Sequence[str]) -> bool:
        return self._loose.begun or self._names.may_stand_in(words)

    def _pass_over(self, text: str, figures: bytes) -> None:
        at = self._words.at
        units = last_units(text, self._longest, at)
        self.passages.restart(units)
        self._phrases.restart(units)
        self._loose.restart(units)
        if figures:
            self._numbers.restart([Unit("", at, at, False)])
        self._words.skip(len(text))
        self._digits.skip(len(text))
        self._hold()

    def _push_words(self, words: Sequence[Unit]) -> None:
        traits, phrases, loose = self._traits, self._phrases, self._loose
        for unit in words:
            if windows := self.passages.push(unit):
                self.windows += windows
            can = traits[unit[0]]
            # What begins nothing, where nothing has begun, changes nothing.
            if (can & BEGINS or phrases.held_from is not None) and (strings := phrases.push(unit)):
                self.strings += strings
            if (can & NAMES or loose.begun or len(unit[0]) == 1) and (names := loose.push(unit)):
                self.strings += names
        if self._unclosed:
            closed, self._unclosed = self._unclosed, []
            self.strings += [replace(match, end=words[0].end) for match in closed]

    def _push_digit(self, unit: Unit, words: Sequence[Unit]) -> None:
        start, end = covering(words, unit.start, self._words.open_at)
        for match in self._numbers.push(unit._replace(start=start)):
            if end is None:
                self._unclosed.append(match)
            else:
                self.strings.append(replace(match, end=end))

    def _hold(self) -> None:
        spelling = self._spelling.held if self._spelling is not None else None
        held = self.passages.held_from, self._phrases.held_from, self._numbers.held_from, spelling
        # Asked first, because after nearly every word nothing is held.
        self._held = None if held == _NOTHING else min(start for start in held if start is not None)
        begun = self._loose.held_from
        if begun is not None and (self._held is None or begun < self._held):
            self._held = begun
