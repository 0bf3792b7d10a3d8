"""What a snapshot is made with: its key and its encoder."""

from collections.abc import Callable
from pathlib import Path

from index.encoder import Encoder, MiniLM
from index.key import key_from_environment, load_or_create_key
from index.ray_encoder import RayEncoder
from policy.policy import Policy


def find_key(beside: Path, snapshot: Path) -> bytes:
    """The key from UNSAY_INDEX_KEY, else from a private file that is made when it is missing."""
    return key_from_environment() or load_or_create_key(beside, outside=snapshot)


def find_encoder(policy: Policy, settings: Path | None = None, processes: int = 0) -> Encoder | None:
    """The one that the settings name, or the offline one. `processes`: of a Ray cluster, so many of it.

    Raises ConfigError and EncoderError.
    """
    if policy.semantic is None:
        return None
    made = _maker(settings)
    return RayEncoder(made, processes) if processes else made()


def _maker(settings: Path | None) -> Callable[[], Encoder]:
    if settings is None:
        return MiniLM
    from gateway.config_file import load_config

    address = load_config(settings).encoder
    return MiniLM if address is None else address.encoder
