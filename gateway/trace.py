"""What will be said of one request in the audit log and in the metrics. It never holds a text."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from filters.answer_guard import Taken, TextKey
from filters.prompt import PromptReport
from gateway.answer import Answer
from gateway.errors import Json
from gateway.tracing.call import Call
from gateway.tracing.context import Context
from gateway.upstream.error import KEY as ERROR
from gateway.wire.usage import tokens
from policy.finding import Finding
from policy.verdict import Verdict

# A line stays a line: further findings are counted.
LISTED = 200


# What other servers write where nobody was left to get a status.
LEFT = 499


class Outcome(StrEnum):
    ANSWERED = "answered"
    WITHHELD = "withheld"
    REWRITTEN = "rewritten"
    REFUSED = "refused"
    PASSED = "passed"
    MODIFIED = "modified"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    FAILED = "failed"
    LEFT = "left"


@dataclass(slots=True)
class Trace:
    request: str
    route: str
    at: float = field(default_factory=time.time)
    began: float = field(default_factory=time.perf_counter)
    key: str | None = None
    model: str | None = None
    upstream_model: str | None = None
    streamed: bool = False
    policy: str | None = None
    generation: int | None = None
    outcome: Outcome = Outcome.LEFT
    status: int = LEFT
    error: str | None = None
    upstream_status: int | None = None
    prompt_s: float | None = None
    first_s: float | None = None
    report: PromptReport | None = None
    unlisted: int = 0
    answer: Answer | None = None
    near_is_hit: bool = False
    relearned: bool | None = None
    rewritten: Json | None = None
    recorded: bool = False
    size: int = 0
    usage: Json | None = None
    context: Context | None = None
    scan_s: float | None = None
    calls: list[Call] = field(default_factory=list)

    def asking(self, route: str, model: str | None = None) -> Call:
        """A question to the model server for this request: about its own model, or another."""
        call = Call(route, model or self.upstream_model, self.context, self.elapsed)
        self.calls.append(call)
        return call

    @property
    def parent(self) -> str | None:
        """What a server is told that is asked beside the model server (`traceparent`)."""
        return None if self.context is None else self.context.parent()

    def tokens(self) -> int:
        """What the client was told that it cost, or would have been."""
        told = (self.usage or {}).get("prompt_tokens"), (self.usage or {}).get("completion_tokens")
        if all(isinstance(each, int) for each in told):
            return sum(each for each in told if isinstance(each, int))
        return tokens(self.size) + tokens(self.answer.released if self.answer is not None else 0)

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def findings(self) -> list[Json]:
        """All that was found so far, in the prompt and then in the answer."""
        prompt = in_prompt(self.report) if self.report is not None and self.report.findings else []
        taken = self.answer.findings if self.answer is not None else ()
        return prompt + in_answer(taken) if taken else prompt

    def _unlisted(self) -> int:
        return self.unlisted + (self.answer.unlisted if self.answer is not None else 0)

    def record(self) -> Json:
        findings = self.findings()
        return {
            "event": "request",
            "at": round(self.at, 3),
            "request": self.request,
            "route": self.route,
            "key": self.key,
            "model": self.model,
            "upstream_model": self.upstream_model,
            "streamed": self.streamed,
            "outcome": self.outcome,
            "status": self.status,
            "error": self.error,
            "upstream_status": self.upstream_status,
            "policy": self.policy,
            "generation": self.generation,
            "findings": findings[:LISTED],
            "near_is_hit": self.near_is_hit,
            "relearned": self.relearned,
            "rewritten": self.rewritten,
            "semantic": _nearest(self.report),
            "unread": self.report is not None and not self.report.read_whole,
            "unjudged": self.report.left_out if self.report is not None else 0,
            "more_findings": max(0, len(findings) - LISTED) + self._unlisted(),
            "seconds": round(self.elapsed(), 4),
            "prompt_seconds": _rounded(self.prompt_s),
            "first_seconds": _rounded(self.first_s),
        }


def _nearest(report: PromptReport | None) -> float | None:
    """The best score of a prompt that was judged, 0 for one that came near nothing."""
    if report is None or report.levels is None or report.questions:
        return None
    return max(0.0, *(round(evidence.semantic, 4) for evidence in report.evidence), 0.0)


def in_prompt(report: PromptReport) -> list[Json]:
    listed: list[Json] = []
    for found in report.findings:
        segment = report.segments[found.segment]
        where: Json = {"surface": "prompt", "role": segment.role, "message": segment.message}
        listed.append(where | told(found.finding, found.verdict) | {"view": found.view or None})
    return listed


def in_answer(taken: Iterable[Taken]) -> list[Json]:
    return [
        {"surface": surface(one.key), "choice": one.key.choice, "part": one.key.part}
        | told(one.finding, one.verdict)
        for one in taken
    ]


def surface(key: TextKey) -> str:
    return "error" if key == ERROR else key.channel


def told(finding: Finding, verdict: Verdict) -> Json:
    return {
        "entry": finding.entry,
        "detector": finding.detector,
        "start": finding.span.start,
        "end": finding.span.end,
        "score": round(finding.score, 4),
        "action": verdict.action,
        "provenance": verdict.provenance,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
