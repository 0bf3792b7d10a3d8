"""The scanners of one text of an answer, made alike for the text itself and for what is encoded in it.

Rule: it knows none of the scanners it made, so that nothing of an answer is a cycle.
"""

from collections.abc import Collection
from dataclasses import dataclass

from filters.coverage_scanner import CoverageScanner
from filters.encoded_scanner import EncodedScanner
from filters.forgotten import Forgotten
from filters.scan import Scanner
from filters.string_scanner import StringScanner, Surroundings
from filters.whole import Whole
from policy.finding import Finding


@dataclass(frozen=True, slots=True)
class Scanners:
    """`given` are the pairs that the conversation supplied. `keen`: it says who is meant."""

    forgotten: Forgotten
    around: Surroundings
    given: Collection[int]
    near_is_hit: bool
    keen: bool = False

    def strings(self, before: str = "") -> StringScanner:
        return StringScanner(self.forgotten, self.around, before, near_is_hit=self.near_is_hit, spelling=True)

    def coverage(self, before: str = "") -> CoverageScanner | None:
        """Where there are passages to be covered."""
        if not len(self.forgotten.snapshot.pairs):
            return None
        return CoverageScanner(self.forgotten, self.given, before, near_is_hit=self.near_is_hit)

    def encoded(self, inner: Scanner) -> EncodedScanner:
        return EncodedScanner(inner, self.read, self.forgotten.snapshot.anchors, keen=self.keen)

    def read(self, text: str) -> list[Finding]:
        """What is found in a text that is there whole."""
        whole = Whole(text, "", self.forgotten.snapshot.word_hash)
        coverage = self.coverage()
        scanners: list[Scanner] = [self.strings()] if coverage is None else [self.strings(), coverage]
        scans = [
            scan
            for scanner in scanners
            if not scanner.passes(whole)
            for scan in (scanner.feed(text), scanner.finish())
        ]
        return [finding for scan in scans for finding in scan.findings]
