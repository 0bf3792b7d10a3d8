"""What was found behind some words, for all requests under the same rules.

Rules: what is kept depends on nothing but the state of the rules and on its key; so much is kept and no more.
"""

from collections import OrderedDict
from collections.abc import Hashable

from steering.always import Always
from steering.edit import Edit
from steering.fixed import Fixed
from steering.line import Line
from steering.rules import Rules

MOST_STATES = 64
# Of one state: so many edits, and so many tokens in all of them, a megabyte.
MOST_EDITS, MOST_TOKENS = 4096, 1 << 18


class Known:
    """Of one state of the rules."""

    __slots__ = ("_behind", "_edits", "_tokens", "always", "edit")

    def __init__(self, always: Always) -> None:
        self.always = always
        self._edits: dict[Hashable, Edit] = {}
        self._tokens = 0
        self._behind: dict[Hashable, frozenset[int]] = {}
        self.edit = self._edits.get

    def keep(self, key: Hashable, edit: Edit) -> Edit:
        if len(self._edits) >= MOST_EDITS or self._tokens + len(edit.banned) > MOST_TOKENS:
            self._edits.clear()
            self._tokens = 0
        self._tokens += len(edit.banned)
        self._edits[key] = edit
        return edit

    def always_behind(self, line: Line) -> frozenset[int]:
        """There are few ways in which a line may be open."""
        way = bool(line.rest), line.joining if line.opened else ()
        found = self._behind.get(way)
        if found is None:
            found = self._behind[way] = frozenset(self.always.behind(line).tolist())
        return found


class AllKnown:
    """Of one artefact."""

    __slots__ = ("_states", "fixed")

    def __init__(self, fixed: Fixed) -> None:
        self.fixed = fixed
        self._states: OrderedDict[Hashable, Known] = OrderedDict()

    def under(self, rules: Rules) -> Known:
        found = self._states.pop(rules.state, None) or Known(Always.of(self.fixed, rules))
        self._states[rules.state] = found
        if len(self._states) > MOST_STATES:
            self._states.popitem(last=False)
        return found
