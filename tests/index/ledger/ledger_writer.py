"""A process that writes to a ledger until it is killed, and says what has been acknowledged."""

import os
import sys
from itertools import count
from pathlib import Path

from index.ledger.act import Add, Attach, Move
from index.ledger.event import Event, Kept, Part
from index.ledger.ledger import Ledger
from tests.index.ledger.conftest import KEYS, entry


def main(address: str, name: str) -> None:
    ledger = Ledger.open(address if "://" in address else Path(address), KEYS)
    for number in count():
        request = f"{name}-{number}"
        add = Add(entry(request), name, source=Kept.ENCRYPTED)
        ledger.commit(
            add, Attach(request, name, Part.EXACT, request.encode() * 99), Move(request, name, Event.ENFORCE)
        )
        os.write(1, f"{request}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
