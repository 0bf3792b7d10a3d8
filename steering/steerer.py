"""What an engine's process holds for all its requests: the artefact, the divergence, and the key.

Rules: it is complete or the engine does not start; a directive that is missing or broken means the strict
default, every entry in force; an artefact that takes the place of another is taken between two steps, at
most two are held, and one that cannot be read leaves the last one in force.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from steering.apply_rule import Rule
from steering.canary_row import CanaryRow
from steering.directive import ARGUMENT, Directive, DirectiveError, open_directive
from steering.divergence.vouched import Vouched
from steering.form import Form
from steering.row import Divergence, EndedRow, Matcher, Odds, Row
from steering.trouble import tell

STRICT = Directive()
# A request that was set aside is opened again, perhaps when its directive is too old to be.
OPENED = 4096
# When the entries change, running requests are read again: so many tokens a step, and one request at least.
MOST_READ = 2048

AnyRow = Row | CanaryRow | EndedRow


class Artefact(Protocol):
    """What the steering needs of an artefact; `steering.artefact` has it."""

    @property
    def generation(self) -> int: ...

    def matcher(self, active: frozenset[int] | None, allowed: frozenset[int]) -> Matcher: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """All that can be replaced while the engine runs. `pieces` and `forms`: by token id what it says;
    `vouched`: what near misses say of their subjects.
    """

    artefact: Artefact
    divergence: Divergence | None = None
    pieces: Sequence[bytes] = ()
    forms: Sequence[Form] = ()
    vouched: Vouched | None = None

    def odds(self, directive: Directive) -> Odds | None:
        if self.divergence is None:
            return None
        told = directive.strength, directive.allowed, self.vouched
        return Odds(self.divergence, self.pieces, self.forms, *told)


class Request(Protocol):
    """A running one. `version`: the steerer's when it began; `length`: tokens to be read again."""

    @property
    def version(self) -> int: ...

    @property
    def length(self) -> int: ...

    def begin(self, steerer: "Steerer") -> None: ...


class Steerer:
    """`fresh` gives new parts once, when there are any; it is asked between steps, so it must be quick.
    `version` counts how often the parts were others.
    """

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
        self._renewing = False
        self.version = 0

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

    def renew(self, requests: Iterable[Request]) -> None:
        """Between two steps: new entries, once there are any, act on the next request at once, and on these,
        who are running, a few a step. Until all have begun again nothing newer is taken.
        """
        if not self._renewing:
            fresh = self._fresh()
            if fresh is None:
                return
            self._parts, self._renewing, self.version = fresh, True, self.version + 1
        left = MOST_READ
        for request in requests:
            if request.version != self.version:
                if left <= 0:
                    return
                left -= request.length
                request.begin(self)
        self._renewing = False

    def _keep(self, text: str, directive: Directive) -> Directive:
        self._opened[text] = directive
        if len(self._opened) > OPENED:
            self._opened.popitem(last=False)
        return directive
