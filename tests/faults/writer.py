"""Somebody who writes one forget request into the ledger: `writer.py FOLDER`, with what to write in it.

It says the number of the last record once all is acknowledged. Asked again it says the same.
"""

import pickle
import sys
from pathlib import Path

from index.ledger.ledger import Ledger
from tests.gateway.following.fleet import Fleet


def main() -> None:
    found, acts = pickle.loads(Path(sys.argv[1]).read_bytes())
    assert isinstance(found, Fleet)
    ledger = Ledger.open(found.address, found.keys())
    print("open", flush=True)
    print(ledger.commit(*acts)[-1].sequence, flush=True)


if __name__ == "__main__":
    main()
