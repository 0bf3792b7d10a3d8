"""What is known of a call when its answer comes: what its prompt is about, and what it was charged for.

Rules: of a prompt's text it holds the end and the question, in memory, as long as an answer may take, and no
more of them than memory is given for. An answer that comes later, or to another process, is guarded as one
whose prompt nobody knows.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from filters.prompt import PromptReport
from gateway.limits.near_hits import NearHits
from gateway.services import Protection

CALLS = 4096
# Of the bodies that they came in; what is kept of one is not larger.
BYTES = 64 * 2**20

Names = tuple[str | None, str]


@dataclass(slots=True)
class Call:
    """`near` counts over all that is shown of one answer, which grows while it is streamed."""

    names: Names
    size: int
    at: float
    digest: str
    report: PromptReport | None = None
    near: NearHits | None = None


class Calls:
    """Those of one process. A key's calls are its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Names, Call] = OrderedDict()
        self._size = 0

    def keep(self, names: Names, size: int, protection: Protection, report: PromptReport | None) -> Call:
        """The newest stay."""
        bare = report and replace(report, segments=(), findings=(), sightings=(), questions=())
        call = Call(names, size, self._clock(), protection.digest, bare)
        self._drop(names)
        self._kept[names] = call
        self._size += size
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
