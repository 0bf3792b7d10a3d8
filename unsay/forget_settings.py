"""The settings of a ledger, changed by options: what is not given stays."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.admin.ledger_desk import LedgerDesk
from index.ledger.act import Configure
from index.ledger.event import Event

NONE = "none"


def changed(
    desk: LedgerDesk, approve: Sequence[str] | None, most_open: int | None, texts_a_day: int | None
) -> None:
    settings = desk.opened.settings
    if approve is not None:
        settings = replace(settings, approve=frozenset(Event(one) for one in approve if one != NONE))
    if most_open is not None:
        settings = replace(settings, most_open=most_open or None)
    if texts_a_day is not None:
        settings = replace(settings, texts_a_day=texts_a_day or None)
    desk.opened.commit(Configure(settings, desk.actor))
