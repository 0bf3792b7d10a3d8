"""Reading records that others wrote: each is checked against the one before, the last for its signature.

Rule: a record that was seen stays: a ledger in which the last one known is gone, or another, is refused.
"""

from collections.abc import Collection

from index.chain import Head, digest_of
from index.ledger.error import Tampered
from index.ledger.fold import Fold
from index.ledger.record import Record
from index.ledger.rows import Rows
from index.ledger.signatures import check_announced, check_signed
from policy.signing_key import PublicKey


def caught_up(known: Fold, rows: Rows, trusted: Collection[PublicKey], place: str) -> Fold:
    """What is known and all that was written since; the same fold where that is nothing."""
    last = known.head.sequence - 1
    page = rows.lines(max(0, last))
    if last >= 0:
        _check_kept(page[:1], known.head, place)
    page = page[min(1, known.head.sequence) :]
    if not page:
        return known
    fold = known.copy()
    while page:
        for sequence, line in page:
            record = next_record(sequence, line, fold.head, place)
            check_announced(record, fold, place)
            fold.take(record, place)
        page = rows.lines(fold.head.sequence)
    check_signed(record, fold, trusted, place)
    return fold


def next_record(sequence: int, line: bytes, head: Head, place: str) -> Record:
    """What stands in the row, which must be the next where the chain stands."""
    where = f"{place}: record {head.sequence}"
    if sequence != head.sequence:
        raise Tampered(f"{where}: expected it next, found record {sequence}; records were taken out")
    record = Record.read(line, where)
    if Head(record.sequence, record.previous) != head:
        raise Tampered(f"{where}: it does not follow from the one before; one of the two was changed")
    return record


def head_after(number: int, rows: Rows, place: str) -> Head:
    """Where the chain stood after this record."""
    if number < 0:
        return Head()
    where = f"{place}: record {number}"
    page = rows.lines(number, 1)
    if not page or page[0][0] != number:
        raise Tampered(f"{where}: expected it, found none; records were taken out")
    return Record.read(page[0][1], where).head


def _check_kept(page: list[tuple[int, bytes]], head: Head, place: str) -> None:
    number = head.sequence - 1
    if [(each, digest_of(line)) for each, line in page] != [(number, head.previous)]:
        raise Tampered(f"{place}: record {number}: expected it as it was read before, found another or none")
