"""Whether an answer may have to be written anew, so that nothing of it is sent before it is there whole."""

from itertools import chain

from filters.report import PromptReport
from gateway.config_rewrite import RewriteStreams
from gateway.wire.request import Request
from index.snapshot import Snapshot
from policy.action import Action
from policy.policy import Policy


def rewrites(policy: Policy) -> bool:
    """Whether it ever wants an answer written anew."""
    return any(rule.answer is Action.REWRITE for rule in policy.rules)


def awaited(
    request: Request, report: PromptReport, policy: Policy, snapshot: Snapshot, streams: RewriteStreams
) -> bool:
    """Of a stream: where the prompt is about an entry, or near one, whose answers are written anew."""
    if request.machine_read:
        return False
    if not request.stream or streams is RewriteStreams.ALL:
        return True
    places = set(chain(report.active, (evidence.place for evidence in report.evidence)))
    entries = (snapshot.entries[place] for place in places)
    return any(policy.rule_for(entry.id, entry.reason).answer is Action.REWRITE for entry in entries)
