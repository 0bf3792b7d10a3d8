"""A policy's signature: it stands beside it, as `policy.yaml.sig`, and covers every byte that was read.

Rules: checked is what was read, never the file as it is a moment later. A signature that is there must hold;
whether there must be one is the operator's choice. Without keys to trust none is looked at.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from policy.policy import Policy
from policy.problem import PolicyError, Problem
from policy.signed import LARGEST, SignedError, opened, signed
from policy.signing_key import PublicKey, SigningKey

KIND = "policy signature"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count, and whether a policy must have one."""

    keys: tuple[PublicKey, ...] = ()
    required: bool = False


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


def signature(policy: Policy, key: SigningKey, at: datetime) -> bytes:
    return signed(KIND, {"files": policy.files, "signed": at.isoformat(timespec="seconds")}, key)


def check_signature(path: Path, policy: Policy, trust: Trust) -> None:
    """Raises PolicyError unless the policy that was read from there may be taken."""
    if not trust.keys:
        return
    paper = _paper(beside(path))
    if paper is None and trust.required:
        raise _refused(beside(path), "a signature of the policy (`unsay policy sign`)", "none")
    if paper is not None:
        _check(beside(path), paper, policy, trust.keys)


def _paper(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, "a readable file", f"an error: {error.strerror}") from None


def _check(path: Path, paper: bytes, policy: Policy, keys: Collection[PublicKey]) -> None:
    try:
        stated = opened(KIND, paper, keys)
    except SignedError as error:
        raise _refused(path, "a signature that holds", f"one that does not: {error}") from None
    if stated.get("files") != policy.files:
        raise _refused(path, "the signature of this policy and its files", "that of others")


def _refused(path: Path, expected: str, got: str) -> PolicyError:
    return PolicyError([Problem(str(path), None, "", expected, got)])
