"""What `unsay policy check` says: what is wrong, or what the policy does and where it may surprise.

Rule: the report goes into terminals and CI logs, so it names fields and never quotes a name, a secret
or a text.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from policy.action import Action
from policy.binding import unbound
from policy.entry import Entry
from policy.file import load_policy
from policy.policy import OnError, Policy, Rule, When
from policy.problem import PolicyError
from policy.surface import Role
from policy.text import fewer_words

# Under so many bits a name needs capitals to count, and a secret needs its subject nearby.
CERTAIN_BITS: Final = 30.0
# A name of so few bits is met again and again in ordinary text: "Mark" has 13, "Crane" 17.
COMMON_BITS: Final = 20.0

Bits = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Report:
    """`code` is the exit status: 0 for a policy that can be used, 1 for one that can't."""

    text: str
    code: int
    warnings: tuple[str, ...] = ()


def check_policy(path: Path, now: datetime, bits: Bits | None = None, models: Collection[str] = ()) -> Report:
    """`bits` says how surprising a phrase is (index.bits.bits); without it, common names go unnoticed.

    `models` are those that will be served; without them, a model that nobody serves goes unnoticed.
    """
    try:
        policy = load_policy(path)
    except PolicyError as error:
        count = len(error.problems)
        return Report(f"{error}\n{path}: {_counted(count, 'problem')}", 1)
    warnings = (*_warnings(policy, now, bits), *unbound(policy.entries, models))
    lines = [f"{path}: valid", *_summary(policy)]
    for entry in policy.entries:
        lines += _entry_lines(policy, entry, now)
    lines += [f"warning: {warning}" for warning in warnings]
    return Report("\n".join(lines), 0, warnings)


def _counted(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def _summary(policy: Policy) -> Iterator[str]:
    yield f"digest {policy.digest}"
    yield f"{_counted(len(policy.entries), 'entry')}, {_counted(len(policy.rules), 'rule')}"
    verbatim, semantic = policy.verbatim, policy.semantic
    window = f"window {verbatim.window}, reveal {verbatim.reveal}" if verbatim else "off"
    rate = f"at most {semantic.false_positive_rate:g} false positives" if semantic else "off"
    yield f"verbatim: {window}; semantic: {rate}; on error: {policy.on_error}"


# Entries.


def _entry_lines(policy: Policy, entry: Entry, now: datetime) -> Iterator[str]:
    yield ""
    keys = "" if entry.keys == ("*",) else f", keys {' '.join(entry.keys)} alone"
    yield f"{entry.id} ({entry.reason}), {_force(entry, now)}, models {' '.join(entry.models)}{keys}"
    yield f"  holds {_contents(entry)}"
    yield f"  {_rule_line(policy, entry)}"


def _force(entry: Entry, now: datetime) -> str:
    if entry.end is not None and entry.end <= now:
        return f"ended {entry.end.isoformat()}"
    if entry.start is not None and entry.start > now:
        return f"begins {entry.start.isoformat()}"
    return "in force" + (f" until {entry.end.isoformat()}" if entry.end else "")


def _contents(entry: Entry) -> str:
    counts = {
        "name": len(entry.names),
        "passage": len(entry.passages),
        "question": len(entry.questions),
        "secret": len(entry.secrets),
        "concept": int(entry.concept is not None),
        "retain text": len(entry.retain),
    }
    return ", ".join(_counted(count, noun) for noun, count in counts.items() if count)


def _rule_line(policy: Policy, entry: Entry) -> str:
    rule = policy.rule_for(entry.id, entry.reason)
    place = next((f"rules[{place}]" for place, one in enumerate(policy.rules) if one is rule), "no rule")
    return f"{place}: prompt {_prompt(rule)}; answer {rule.answer}"


def _prompt(rule: Rule) -> str:
    actions = {role: rule.on_prompt(role) for role in Role}
    if len(set(actions.values())) == 1:
        return str(actions[Role.USER])
    return ", ".join(f"{role} {action}" for role, action in actions.items())


# Warnings.


def _warnings(policy: Policy, now: datetime, bits: Bits | None) -> Iterator[str]:
    yield from _policy_warnings(policy)
    yield from _rule_warnings(policy)
    for entry in policy.entries:
        yield from (f"{entry.id}: {warning}" for warning in _entry_warnings(policy, entry, now))
        if bits is not None:
            yield from (f"{entry.id}: {warning}" for warning in _common_warnings(entry, bits))


def _policy_warnings(policy: Policy) -> Iterator[str]:
    if not policy.entries:
        yield "there are no entries: nothing is forgotten"
    if policy.on_error is OnError.OPEN:
        yield "on_error is open: where scanning fails, answers pass unscanned"
    if policy.verbatim is None and any(entry.passages for entry in policy.entries):
        yield "detectors.verbatim is off: passages are not looked for word for word"
    if policy.coverage is None and any(entry.passages for entry in policy.entries):
        yield "detectors.coverage is off: edited passages are not found"
    if policy.views is None:
        yield "detectors.views is off: what stands in codes is not found in prompts"
    if policy.semantic is None and any(entry.questions or entry.concept for entry in policy.entries):
        yield "detectors.semantic is off: questions and concepts are found by names and secrets only"


def _rule_warnings(policy: Policy) -> Iterator[str]:
    reasons = {entry.id: entry.reason for entry in policy.entries}
    for place, rule in enumerate(policy.rules):
        earlier = next(
            (at for at, one in enumerate(policy.rules[:place]) if _covers(one.when, rule.when)), None
        )
        if earlier is not None:
            yield f"rules[{place}] is never reached: rules[{earlier}] matches all that it matches"
        elif not any(rule.when.matches(entry, reason) for entry, reason in reasons.items()):
            yield f"rules[{place}] matches no entry"


def _covers(wide: When, narrow: When) -> bool:
    return wide.entry in (None, narrow.entry) and wide.reason in (None, narrow.reason)


def _entry_warnings(policy: Policy, entry: Entry, now: datetime) -> Iterator[str]:
    if entry.end is not None and entry.end <= now:
        yield "`until` has passed: it is no longer forgotten"
    elif entry.start is not None and entry.start > now:
        yield "`from` lies ahead: it is not forgotten yet"
    if policy.rule_for(entry.id, entry.reason).answer is Action.ALLOW:
        yield "its rule allows answers that tell it"
    if _quotes(policy.notice, entry):
        yield "the notice contains a name or a secret of it"
    if any(_quotes(name, entry) for name in policy.cloak):
        yield "a name of the cloak is a name or a secret of it"
    if policy.verbatim and (short := _short_passages(entry, policy.verbatim.window)):
        are = "passage is" if short == 1 else "passages are"
        yield f"{short:,} {are} shorter than the window: found only as a whole"
    forgotten = {_loose(text) for text in (*entry.passages, *(one.question for one in entry.questions))}
    if any(_loose(one.text) in forgotten for one in entry.retain):
        yield "a retain text is also a passage or a question of it"


def _quotes(notice: str, entry: Entry) -> bool:
    padded = f" {_loose(notice)} "
    return any(f" {_loose(text)} " in padded for text in (*entry.names, *entry.secrets))


def _loose(text: str) -> str:
    """Without regard to case, spacing and punctuation."""
    kept = "".join(character if character.isalnum() else " " for character in text.casefold())
    return " ".join(kept.split())


def _short_passages(entry: Entry, window: int) -> int:
    return sum(fewer_words(passage, window) for passage in entry.passages)


def _common_warnings(entry: Entry, bits: Bits) -> Iterator[str]:
    for place, name in enumerate(entry.names):
        surprise = bits(name)
        if surprise < COMMON_BITS:
            yield f"names[{place}] is common in ordinary text ({surprise:.0f} bits): expect false alarms"
        elif surprise < CERTAIN_BITS:
            yield f"names[{place}] has under 30 bits: it counts only where it is capitalised"
    for place, secret in enumerate(entry.secrets):
        if bits(secret) < CERTAIN_BITS:
            yield f"secrets[{place}] has under 30 bits: it counts only near its subject"
