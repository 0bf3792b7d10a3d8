"""`unsay policy explain`: what would be found in a text, as a prompt and as an answer, and by which strings.

The rule: an operator's tool. It shows the text and the policy's own strings, so its output is as
confidential as they are; the snapshot it builds is thrown away.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner, Segment
from filters.semantic import Levels, answer_findings
from gateway.workers.source import Opened
from index.build import build
from index.judge import load_judge
from index.phrases import list_phrases
from index.similarity import Judge
from index.snapshot import Snapshot
from policy.entry import Entry
from policy.file import load_policy
from policy.finding import Finding
from policy.policy import Policy
from policy.surface import Channel, Role
from policy.verdict import Verdict
from unsay.console import note
from unsay.snapshots import find_encoder


def explain(file: Path, text: str, model: str, *, exact: bool) -> str:
    """The report. Raises PolicyError and BuildError for a policy that cannot be used."""
    policy = load_policy(file)
    with TemporaryDirectory(prefix="unsay-explain-") as folder:
        prepared = _compile(policy, Path(folder) / "snapshot", exact)
        now = datetime.now(UTC)
        prompt = _as_prompt(prepared, policy, text, model, now)
        lines = [*_prompt_lines(prompt, text), *_answer_lines(prepared, policy, text, model, now)]
    return "\n".join([*lines, *_looked_for(policy, prompt)])


def _compile(policy: Policy, folder: Path, exact: bool) -> Opened:
    key = token_bytes(32)
    encoder = None if exact else find_encoder(policy)
    note("compiling the policy")
    build(policy, folder, key, encoder, None)
    snapshot = Snapshot.load(folder, key)
    return Opened(snapshot, load_judge(snapshot, encoder, key) if encoder is not None else None)


def _as_prompt(prepared: Opened, policy: Policy, text: str, model: str, now: datetime) -> PromptReport:
    scanner = PromptScanner(prepared.snapshot, policy, model, now, Levels.of(prepared.judge))
    report = scanner.scan([Segment(Role.USER, text, 0, ("messages", 0, "content"))] if text else [])
    if prepared.judge is None or not report.asks:
        return report
    return scanner.settle(report, prepared.judge.judge(list(report.asks)))


def _prompt_lines(report: PromptReport, text: str) -> Iterator[str]:
    yield "As a prompt, said by the user:"
    for found in report.findings:
        yield _line(found.finding, found.verdict, text)
    yield f"  so the request is: {report.action}"


def _answer_lines(prepared: Opened, policy: Policy, text: str, model: str, now: datetime) -> Iterator[str]:
    """As the answer to a prompt in which nothing was found."""
    guard = AnswerGuard(
        prepared.snapshot, policy, _as_prompt(prepared, policy, "", model, now), model=model, now=now
    )
    sent = _through(guard, prepared.snapshot, prepared.judge, text)
    yield "As an answer to a prompt that says nothing about it:"
    for taken in guard.findings:
        yield _line(taken.finding, taken.verdict, text)
    yield f"  so the client reads: {sent!r}"


def _through(guard: AnswerGuard, snapshot: Snapshot, judge: Judge | None, text: str) -> str:
    key = TextKey(0, Channel.CONTENT)
    sent = ""
    for step in (guard.feed(key, text), guard.finish(key)):
        sent += step.text
        for ask in step.asks:
            levels = Levels.of(judge)
            assert judge is not None
            assert levels is not None
            hits = judge.judge([ask.text])[0]
            sent += guard.settle(key, ask, answer_findings(snapshot, ask, hits, levels)).text
    return sent


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
