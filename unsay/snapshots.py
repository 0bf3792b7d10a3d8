"""What a snapshot is made with: its key and its encoder."""

from pathlib import Path

from index.encoder import Encoder, MiniLM
from index.key import key_from_environment, load_or_create_key
from policy.policy import Policy


def find_key(beside: Path, snapshot: Path) -> bytes:
    """The key from UNSAY_INDEX_KEY, else from a private file that is made when it is missing."""
    return key_from_environment() or load_or_create_key(beside, outside=snapshot)


def find_encoder(policy: Policy) -> Encoder | None:
    return None if policy.semantic is None else MiniLM()
