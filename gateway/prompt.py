"""The prompt's way through the filters: scanned, judged, and refused or rewritten before it goes on."""

import asyncio

from filters.prompt import PromptReport, PromptScanner
from gateway.near_hits import NearHits
from gateway.services import Protection
from gateway.wire.chat import ChatRequest
from gateway.wire.request import rewritable, rewrite
from policy.action import Action
from policy.finding import Detector

# A longer prompt is scanned in a thread, so that it does not stall the streams of others.
LONG = 32_768


async def scan(protection: Protection, request: ChatRequest, model: str, near: NearHits) -> PromptReport:
    scanner = protection.scanner(model, near.are_hits)
    report = await _scanned(scanner, request)
    if not near.in_prompt(report.near + hits(report)):
        scanner = protection.scanner(model, near_is_hit=True)
        report = await _scanned(scanner, request)
    # What is refused already needs no judge: nothing it could say would change the answer.
    if report.asks and report.action is not Action.REFUSE:
        report = scanner.settle(report, await protection.hits(report.asks))
    return report


async def _scanned(scanner: PromptScanner, request: ChatRequest) -> PromptReport:
    if size(request) > LONG:
        return await asyncio.to_thread(scanner.scan, request.segments)
    return scanner.scan(request.segments)


def hits(report: PromptReport) -> int:
    """How many pieces of passages the prompt says: a guess that was right costs what a wrong one does."""
    return sum(found.finding.detector is Detector.VERBATIM for found in report.findings)


def size(request: ChatRequest) -> int:
    return sum(len(segment.text) for segment in request.segments)


def let_through(request: ChatRequest, report: PromptReport) -> bool:
    """Rewrite what must be rewritten. False when the prompt must be refused."""
    if report.action is Action.REFUSE:
        return False
    changed = report.redacted()
    if not all(rewritable(segment.path) for segment, _ in changed):
        return False
    for segment, text in changed:
        rewrite(request.body, segment.path, text)
    return True
