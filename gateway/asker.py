"""Who asks, where some entries bind a share of the traffic: a session, a key, or a conversation by its start.

Rule: one conversation is one asker from its first request to its last. Who names neither session nor key is
known by how the conversation begins, which every later request of it says again.
"""

from dataclasses import replace

from gateway.memory.session import sessions
from gateway.wire.request import Request
from index.snapshot import Snapshot
from policy.entry import Called


def asked_by(called: Called, snapshot: Snapshot, request: Request, conversation: str | None) -> Called:
    """The model as this request asks it. Where all entries bind whoever asks, nobody need be known."""
    if not snapshot.is_shared:
        return called
    named = named_by(called, snapshot, request.user, conversation)
    return named if named.asker else replace(called, asker=snapshot.session(("start", request.began)))


def named_by(called: Called, snapshot: Snapshot, user: str | None, conversation: str | None) -> Called:
    """The same where nothing is known of the conversation but what it is called."""
    named = sessions(called.key, user, conversation, keys=True) if snapshot.is_shared else ()
    return replace(called, asker=snapshot.session(named[0])) if named else called
