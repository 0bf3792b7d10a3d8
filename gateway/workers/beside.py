"""The process beside the workers that follows the ledger, as their parent forks it."""

import re
import socket
from functools import partial
from multiprocessing.connection import Connection

from gateway.following.contact import Contact
from gateway.following.following import Following
from gateway.services import open_audit
from gateway.workers.child import Family
from gateway.workers.source import Found, Source


def following_of(
    family: Family, source: Source, found: Found, listener: socket.socket, contact: Contact
) -> Following:
    config = found.config
    assert config.ledger is not None
    name = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())
    replica = config.ledger.replica or f"{name}:{listener.getsockname()[1]}"
    given = config.ledger, config.snapshot, source.key, contact, replica, partial(open_audit, config)

    def work(line: Connection) -> None:
        # Loaded where a ledger is followed, and nowhere else.
        from gateway.following.follower import Start, follow

        # Whoever holds it keeps clients waiting that nobody serves.
        listener.close()
        follow(Start(*given), line)

    return Following(partial(family.fork, "ledger", work))
