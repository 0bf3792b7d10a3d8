"""The tests that a policy carries, tried on its filters.

Rules: what must be withheld is withheld by the prompt's verdict, or where the case gives an answer by the
guard at the latest; what must be answered passes both unchanged. What is told of a case is where it stands,
never what it says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evaluation.codes import CODES
from gateway.rehearsal import Rehearsal
from policy.action import Action
from policy.cases import Case, Cases
from policy.policy import Policy
from unsay.rehearsal import rehearsed

Encode = Callable[[str], str]
NONE = "expected `tests:` with must_withhold or must_answer, found none"


class UnknownCode(ValueError):
    """A code that nobody can write in; says which there are."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One case, in one code or in none, and what became of it."""

    case: Case
    code: str
    expected: str
    found: str

    @property
    def passed(self) -> bool:
        return self.found.startswith(self.expected)

    @property
    def text(self) -> str:
        code = f" in {self.code}" if self.code else ""
        return f"line {self.case.line}: {self.case.place}{code}: expected {self.expected}, found {self.found}"


def tried(rehearsal: Rehearsal, cases: Cases) -> Iterator[Tried]:
    """Every case, one after the other; those that must be withheld in every code as well."""
    codes: dict[str, Encode] = {"": str} | dict(map(_code, cases.codes))
    for case in cases.must_withhold:
        for name, encode in codes.items():
            yield Tried(case, name, "withheld", _became(rehearsal, case, encode))
    for case in cases.must_answer:
        yield Tried(case, "", "answered", _became(rehearsal, case, str))


def complaint(policy: Policy, model: str) -> str:
    """What to tell when tests of the policy fail, or when it has none; nothing when all pass."""
    if not len(policy.cases):
        return NONE
    with rehearsed(policy, model, exact=False) as rehearsal:
        failed = [one.text for one in tried(rehearsal, policy.cases) if not one.passed]
    return "\n".join([f"{len(failed)} of the policy's own tests fail:", *failed]) if failed else ""


def _code(name: str) -> tuple[str, Encode]:
    known = {title.casefold(): code.encode for title, code in CODES.items()}
    if name.casefold() not in known:
        raise UnknownCode(f"tests.codes: expected one of {', '.join(CODES)}; found {name!r}")
    return name, known[name.casefold()]


def _became(rehearsal: Rehearsal, case: Case, encode: Encode) -> str:
    report = rehearsal.asked([(role, encode(text)) for role, text in case.messages])
    if report.action not in (Action.ALLOW, Action.FLAG):
        return f"withheld (the prompt: {report.action})"
    if case.answer is None:
        return "answered"
    answer = encode(case.answer)
    sent, _ = rehearsal.answered(report, answer)
    return "answered" if sent == answer else "withheld (the answer)"
