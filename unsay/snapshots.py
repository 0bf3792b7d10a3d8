"""The snapshot that a policy needs: loaded when it is fresh, built when it is missing or stale."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.build import build, is_stale
from index.encoder import Encoder, MiniLM
from index.judge import load_judge
from index.key import key_from_environment, load_or_create_key
from index.similarity import Judge
from index.snapshot import Snapshot
from policy.policy import Policy
from unsay.console import progress_line


@dataclass(frozen=True, slots=True)
class Prepared:
    """`judge` is None when the policy has no semantic detector."""

    snapshot: Snapshot
    judge: Judge | None


def find_key(beside: Path, snapshot: Path) -> bytes:
    """The key from UNSAY_INDEX_KEY, else from a private file that is made when it is missing."""
    return key_from_environment() or load_or_create_key(beside, outside=snapshot)


def find_encoder(policy: Policy) -> Encoder | None:
    return None if policy.semantic is None else MiniLM()


def prepare(policy: Policy, folder: Path, key_file: Path, note: Callable[[str], None]) -> Prepared:
    """The snapshot of this policy and its judge, built first if need be."""
    key = find_key(key_file, folder)
    encoder = find_encoder(policy)
    fingerprint = encoder.fingerprint if encoder is not None else None
    if is_stale(folder, policy, key, fingerprint):
        note(f"building the snapshot in {folder}")
        build(policy, folder, key, encoder, progress_line())
    snapshot = Snapshot.load(folder, key)
    return Prepared(snapshot, load_judge(snapshot, encoder, key) if encoder is not None else None)
