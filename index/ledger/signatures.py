"""Whose signatures a ledger's records bear.

Rules: each record is signed by the key that the records before it name; the first names its own. A signature
covers all before it, so of what is read at once the last is checked, and each that names a key.
"""

from collections.abc import Collection

from index.chain import signed_by
from index.ledger.error import Tampered
from index.ledger.event import Event
from index.ledger.fold import Fold
from index.ledger.record import Record
from policy.signing_key import PublicKey


def check_announced(record: Record, before: Fold, where: str) -> None:
    """A record that names a key, or does anything before one is named."""
    if before.key is None and record.event is not Event.SETTINGS:
        raise Tampered(f"{where}: record {record.sequence}: expected settings first, found {record.event}")
    if record.event is Event.SETTINGS and before.key is not None:
        check_line(record, before.key, where)


def check_signed(record: Record, fold: Fold, trusted: Collection[PublicKey], where: str) -> None:
    """The last record of what was read, and so all of it."""
    if fold.key is None or fold.founder is None:
        raise Tampered(f"{where}: expected settings, found none")
    if trusted and not {fold.key, fold.founder} & set(trusted):
        raise Tampered(f"{where}: expected the signature of a trusted key, found that of {fold.key.id}")
    # One that names a new key is signed by the one before.
    if record.event is not Event.SETTINGS or record.sequence == 0:
        check_line(record, fold.key, where)


def check_line(record: Record, key: PublicKey, where: str) -> None:
    if not signed_by(record.line, key):
        raise Tampered(
            f"{where}: record {record.sequence}: expected the signature of {key.id}, found none that holds"
        )
