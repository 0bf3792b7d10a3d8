"""A model server in a process of its own, which recites the texts of a seed: `upstream.py SEED PORT`."""

import sys
import threading

from tests.gateway.canned import Canned
from tests.gateway.following.fleet import Texts


def main() -> None:
    with Canned(port=int(sys.argv[2])) as server:
        server.answers = Texts(int(sys.argv[1])).recited
        print(server.port, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
