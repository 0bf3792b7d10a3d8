"""Whose pieces add up: those of one user, of one conversation, or of one key where neither is named.

Rule: a session belongs to its API key, and a conversation to its user, so that nobody can speak in another's
name from outside it.
"""

from collections.abc import Iterator

HEADER = b"x-unsay-conversation"

Names = tuple[str, ...]


def sessions(key: str | None, user: str | None, conversation: str | None, *, keys: bool) -> tuple[Names, ...]:
    """The names of one request's sessions; none where it names nobody. `keys`: a key alone is one, too."""
    return tuple(_sessions(key, user, conversation, keys))


def holder(session: Names) -> Names | None:
    """Who answers for the session's pieces: its API key."""
    _, key, *_ = session
    return ("holder", key) if key else None


def _sessions(key: str | None, user: str | None, conversation: str | None, keys: bool) -> Iterator[Names]:
    if user:
        yield "user", key or "", user
    if conversation:
        yield "conversation", key or "", user or "", conversation
    if keys and key and not user and not conversation:
        yield "key", key
