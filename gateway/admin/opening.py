"""A desk over a ledger, from the settings: what both the command line and the admin API begin with."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.admin.ledger_desk import LedgerDesk
from gateway.admin.receipt import calibration_of
from gateway.admin.workshop import Workshop
from gateway.config import Config
from index.encoder import MiniLM
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from policy.signing_key import PublicKey


def workshop_of(config: Config, index_key: bytes) -> Workshop:
    encoder = MiniLM() if config.encoder is None else config.encoder.encoder()
    return Workshop(config.policy, config.snapshot, index_key, encoder, config.trust)


@contextmanager
def open_desk(
    config: Config, address: Path | str, index_key: bytes, signing: Path, actor: str, *, writes: bool
) -> Iterator[LedgerDesk]:
    """`signing`: the file of the ledger's key, made where it is missing by who `writes`.

    Who does not begins no ledger where there is none.
    """
    trusted = () if config.ledger is None else tuple(map(PublicKey.parse, config.ledger.trusted))
    keys = Keys.gather(index_key, signing, trusted) if writes else Keys(index_key, None, trusted)
    merged = config.snapshot.with_name(f"{config.snapshot.name}-ledger") / "enforced"
    ledger = Ledger.open(address, keys)
    try:
        calibration = partial(calibration_of, merged, config.snapshot)
        compiler = workshop_of(config, index_key).compiler if config.policy.exists() else None
        yield LedgerDesk(ledger, keys, actor, compiler, calibration)
    finally:
        ledger.close()
