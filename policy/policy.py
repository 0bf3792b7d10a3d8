"""A policy is every entry, and the rules that say what is done about what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from policy.action import Action
from policy.cases import Cases
from policy.entry import Entry, Reason
from policy.surface import Role

DEFAULT_NOTICE = "I don't have any information about that."


class OnError(StrEnum):
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class When:
    """What a rule is about; a field that is None matches everything."""

    reason: Reason | None = None
    entry: str | None = None

    def matches(self, entry: str, reason: Reason) -> bool:
        return self.entry in (None, entry) and self.reason in (None, reason)


@dataclass(frozen=True, slots=True)
class Rule:
    """`prompt` names an action per role; a role it leaves out is refused."""

    when: When
    prompt: Mapping[Role, Action]
    answer: Action

    def on_prompt(self, role: Role) -> Action:
        return self.prompt.get(role, Action.REFUSE)

    def cloaked(self) -> "Rule":
        """The same, but that what it would refuse goes on without what was found."""
        actions = {role: self.on_prompt(role) for role in Role}
        milder = {Action.REFUSE: Action.REDACT}
        return replace(self, prompt={role: milder.get(action, action) for role, action in actions.items()})


STRICT = Rule(When(), dict.fromkeys(Role, Action.REFUSE), Action.REDACT)


@dataclass(frozen=True, slots=True)
class Verbatim:
    """`window` units in a row are a match; at most `reveal` of them may be seen before it is certain."""

    window: int = 8
    reveal: int = 2


@dataclass(frozen=True, slots=True)
class Coverage:
    """A text that holds this share of what a passage tells says the passage, whatever was changed in it."""

    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Views:
    """So many codes, one in the other, are undone."""

    depth: int = 3


@dataclass(frozen=True, slots=True)
class Semantic:
    false_positive_rate: float = 0.001


@dataclass(frozen=True, slots=True)
class Policy:
    """`digest` is the SHA-256, in hex, of everything the policy says, the referenced files included.

    `contents` is that of entries and detectors alone, where the entries were left out; `files` that of the
    bytes that were read, which is what a signature covers. `cloak`: names that nobody has.
    """

    entries: tuple[Entry, ...]
    digest: str
    rules: tuple[Rule, ...] = ()
    verbatim: Verbatim | None = field(default_factory=Verbatim)
    semantic: Semantic | None = field(default_factory=Semantic)
    notice: str = DEFAULT_NOTICE
    on_error: OnError = OnError.CLOSED
    contents: str = ""
    coverage: Coverage | None = field(default_factory=Coverage)
    cases: Cases = field(default_factory=Cases)
    misspelled: bool = True
    views: Views | None = field(default_factory=Views)
    cloak: tuple[str, ...] = ()
    files: str = ""

    def rule_for(self, entry: str, reason: Reason) -> Rule:
        """The first rule that matches; without one, prompts are refused and answers redacted."""
        rule = next((rule for rule in self.rules if rule.when.matches(entry, reason)), STRICT)
        return rule.cloaked() if self.cloak else rule
