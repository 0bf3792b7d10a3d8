"""What is known of a call when its answer comes: what its prompt is about, and what it was charged for.

Rules: of a prompt's text it holds the end and the question, in memory, as long as an answer may take, and no
more of them than memory is given for. An answer that comes later, or to another process, is guarded as one
whose prompt nobody knows. Clients of LiteLLM may name their calls as they like: two prompts under one name
are about what both are about, and an answer that is no longer one of before is charged anew.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from filters.prompt import PromptReport
from gateway.limits.near_hits import NearHits
from gateway.monitoring import Known
from gateway.prompt import bare
from gateway.protection import Protection

CALLS = 4096
# Of the bodies that they came in; what is kept of one is not larger.
BYTES = 64 * 2**20

Names = tuple[str | None, str]


@dataclass(slots=True)
class Call:
    """`monitored`: what the prompt is about of what is only monitored. `said`: how long each text of the
    answer was when it was looked at last, and the digest of it.
    """

    names: Names
    size: int
    at: float
    digest: str
    report: PromptReport | None = None
    near: NearHits | None = None
    monitored: Known = field(default_factory=Known)
    said: tuple[tuple[int, bytes], ...] = ()

    def charged(self, texts: Sequence[str], fresh: NearHits) -> NearHits:
        """One for all looks at an answer that grows: it is charged once for what it comes near."""
        if self.near is None or not self._go_on(texts):
            self.near = fresh
        self.said = tuple((len(text), _digest(text)) for text in texts)
        return self.near

    def _go_on(self, texts: Sequence[str]) -> bool:
        pairs = zip(texts, self.said, strict=False)
        return len(texts) >= len(self.said) and all(
            _digest(text[:size]) == known for text, (size, known) in pairs
        )


class Calls:
    """Those of one process. A key's calls are its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Names, Call] = OrderedDict()
        self._size = 0

    def keep(
        self, names: Names, size: int, protection: Protection, report: PromptReport | None, within_s: float
    ) -> Call:
        """The newest stay."""
        before = self.find(names, protection, within_s)
        kept = report and bare(report)
        both = _both(kept, before.report) if kept and before else kept
        call = Call(names, size + (before.size if before else 0), self._clock(), protection.digest, both)
        self._drop(names)
        self._kept[names] = call
        self._size += call.size
        while len(self._kept) > CALLS or self._size > BYTES:
            self._drop(next(iter(self._kept)))
        return call

    def find(self, names: Names, protection: Protection, within_s: float) -> Call | None:
        """One that is not older, and was read by the same policy."""
        call = self._kept.get(names)
        if call is None or call.digest != protection.digest or self._clock() - call.at > within_s:
            return None
        return call

    def _drop(self, names: Names) -> None:
        call = self._kept.pop(names, None)
        if call is not None:
            self._size -= call.size


def _both(new: PromptReport, old: PromptReport | None) -> PromptReport:
    """About what both are about; supplied is what the new one supplies."""
    if old is None:
        return new
    told, evidence = {**old.told, **new.told}, (*new.evidence, *old.evidence)
    return replace(new, active=new.active | old.active, evidence=evidence, told=told)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
