"""What an engine's process holds for all its requests: the artefact, the divergence, and the key.

Rules: it is complete or the engine does not start; a directive that is missing or broken means the strict
default, every entry in force; an artefact that takes the place of another is taken between two steps, and
one that cannot be read leaves the last one in force.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from steering.apply import Rule
from steering.canary_row import CanaryRow
from steering.directive import ARGUMENT, Directive, DirectiveError, open_directive
from steering.row import Divergence, EndedRow, Matcher, Odds, Row
from steering.trouble import tell

STRICT = Directive()
# A request that was set aside is opened again, perhaps when its directive is too old to be.
OPENED = 4096

AnyRow = Row | CanaryRow | EndedRow


class Artefact(Protocol):
    """What the steering needs of an artefact; `steering.artefact` has it."""

    @property
    def generation(self) -> int: ...

    def matcher(self, active: frozenset[int] | None, allowed: frozenset[int]) -> Matcher: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """All that can be replaced while the engine runs. `pieces`: by token id what it says."""

    artefact: Artefact
    divergence: Divergence | None = None
    pieces: Sequence[bytes] = ()

    def odds(self, directive: Directive) -> Odds | None:
        if self.divergence is None:
            return None
        return Odds(self.divergence, self.pieces, directive.strength, directive.allowed)


class Steerer:
    """`fresh` gives new parts once, when there are any; it is asked between steps, so it must be quick."""

    def __init__(
        self,
        parts: Parts,
        key: bytes,
        rule: Rule,
        fresh: Callable[[], Parts | None] = lambda: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.rule = rule
        self._parts = parts
        self._key = key
        self._fresh = fresh
        self._now = now
        self._opened: OrderedDict[str, Directive] = OrderedDict()

    def open(self, arguments: Mapping[str, Any] | None) -> Directive:
        """What the gateway asks for this request. Never raises."""
        text = (arguments or {}).get(ARGUMENT)
        if isinstance(text, str) and text in self._opened:
            return self._opened[text]
        if text is None:
            return STRICT
        try:
            return self._keep(text, open_directive(text, self._key, self._now()))
        except DirectiveError:
            return STRICT

    def row(self, directive: Directive) -> AnyRow:
        """Never raises: a request that cannot be steered ends."""
        try:
            if directive.canary is not None:
                current = directive.generation == self._parts.artefact.generation
                return CanaryRow(directive.canary, current=current)
            matcher = self._parts.artefact.matcher(directive.active, directive.allowed)
            return Row(matcher, self._parts.odds(directive))
        except Exception as error:
            tell("beginning a request", error)
            return EndedRow()

    def renewed(self) -> bool:
        """Whether the entries are others now, so that every row has to begin again."""
        fresh = self._fresh()
        if fresh is None:
            return False
        self._parts = fresh
        return True

    def _keep(self, text: str, directive: Directive) -> Directive:
        self._opened[text] = directive
        if len(self._opened) > OPENED:
            self._opened.popitem(last=False)
        return directive
