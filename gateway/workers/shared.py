"""What all workers of one gateway share: made once, before they are forked."""

from dataclasses import dataclass
from pathlib import Path

from gateway.following.contact import Contact
from gateway.limits.shared_table import SharedTable
from gateway.limits.under_way import UnderWay


@dataclass(frozen=True, slots=True)
class Shared:
    """`table`: what keys have used. `under_way`: one worker's place among all who count requests under way.
    `numbers`: where their metrics meet. `contact`: with the ledger, where one is followed.
    """

    table: SharedTable | None = None
    under_way: UnderWay | None = None
    numbers: Path | None = None
    contact: Contact | None = None
