"""`unsay policy explain`: what would be found in a text, as a prompt and as an answer, and by which strings.

The rule: an operator's tool. It shows the text and the policy's own strings, so its output is as
confidential as they are; the snapshot it builds is thrown away.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from filters.prompt import PromptReport
from gateway.rehearsal import Rehearsal
from index.phrases import list_phrases
from policy.entry import Entry
from policy.file import load_policy
from policy.finding import Finding
from policy.policy import Policy
from policy.surface import Role
from policy.verdict import Verdict
from unsay.rehearsal import rehearsed


def explain(file: Path, text: str, model: str, *, exact: bool) -> str:
    """The report. Raises PolicyError and BuildError for a policy that cannot be used."""
    policy = load_policy(file)
    with rehearsed(policy, model, exact=exact) as rehearsal:
        prompt = rehearsal.asked([(Role.USER, text)])
        lines = [*_prompt_lines(prompt, text), *_answer_lines(rehearsal, text)]
    return "\n".join([*lines, *_looked_for(policy, prompt)])


def _prompt_lines(report: PromptReport, text: str) -> Iterator[str]:
    yield "As a prompt, said by the user:"
    for found in report.findings:
        yield _line(found.finding, found.verdict, text)
    yield f"  so the request is: {report.action}"


def _answer_lines(rehearsal: Rehearsal, text: str) -> Iterator[str]:
    """As the answer to a prompt in which nothing was found."""
    sent, guard = rehearsal.answered(rehearsal.asked([]), text)
    yield "As an answer to a prompt that says nothing about it:"
    for taken in guard.findings:
        yield _line(taken.finding, taken.verdict, text)
    yield f"  so the client reads: {sent!r}"


def _line(finding: Finding, verdict: Verdict, text: str) -> str:
    span = finding.span
    quoted = text[span.start : span.end]
    where = f"{span.start}-{span.end} {quoted!r}"
    return f"  {finding.entry}: {finding.detector} {where}, score {finding.score:.2f}: {verdict.action}"


def _looked_for(policy: Policy, report: PromptReport) -> Iterator[str]:
    """The strings of the entries that were found, those the policy gives and those derived from it."""
    found = {found.finding.entry for found in report.findings}
    for entry in policy.entries:
        if entry.id in found:
            yield f"Strings looked for under {entry.id}:"
            yield from _phrase_lines(entry)


def _phrase_lines(entry: Entry) -> Iterator[str]:
    for phrase in list_phrases(entry, _retained(entry)):
        origin = "derived" if phrase.derived else "given"
        limit = "always" if phrase.bits >= 30 else "while the entry is active"
        written = ", written with capitals" if phrase.cased else ""
        yield f"  {phrase.detector} {phrase.text!r} ({origin}, {phrase.bits:.0f} bits, {limit}{written})"


def _retained(entry: Entry) -> Sequence[str]:
    return [retain.text for retain in entry.retain]
