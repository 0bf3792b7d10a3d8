"""A policy compiled to be tried on texts, and thrown away after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory

from gateway.rehearsal import Rehearsal
from gateway.workers.source import Opened
from index.build import build
from index.judge import load_judge
from index.snapshot import Snapshot
from policy.binding import MOST_TOLD
from policy.entry import Force
from policy.policy import Policy
from unsay.console import note
from unsay.snapshots import find_encoder


def _tell_left_out(policy: Policy, model: str) -> None:
    """An entry may bind other models only, or by a slip of the pen none."""
    left = [entry for entry in policy.entries if not Force(entry.models).binds(model, datetime.now(UTC))]
    for entry in left[:MOST_TOLD]:
        note(f"{entry.id} is not looked for: its models are {', '.join(entry.models)}, --model is {model}")
    if len(left) > MOST_TOLD:
        note(f"{len(left) - MOST_TOLD:,} entries more are not looked for")


@contextmanager
def rehearsed(policy: Policy, model: str, *, exact: bool) -> Iterator[Rehearsal]:
    """The policy compiled into a snapshot that is thrown away, under a key that nobody learns."""
    with TemporaryDirectory(prefix="unsay-rehearsal-") as folder:
        key = token_bytes(32)
        encoder = None if exact else find_encoder(policy)
        note("compiling the policy")
        _tell_left_out(policy, model)
        build(policy, Path(folder) / "snapshot", key, encoder)
        snapshot = Snapshot.load(Path(folder) / "snapshot", key)
        judge = load_judge(snapshot, encoder, key) if encoder is not None else None
        yield Rehearsal(Opened(snapshot, judge), policy, model)
