"""Pieces of one text, as nearly all events of a stream are: read without reading all of every event.

Rule: an event is taken for a piece only where it is one that was read in full, byte for byte, with another
string in place of its text. Which of its bytes are its text was tried: another string there changed what the
event says there, and nowhere else.
"""

from collections.abc import Callable, Sequence

import orjson

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Said, Slot

# An engine whose events differ in more than their text is not looked at for ever.
TRIES = 16
# A longer event is read as any other.
LONGEST = 65_536

# What an event says, where it is the next piece of one text and nothing else.
Usual = Callable[[object], Said | None]
# Where in such an event the text stands.
Holder = Callable[[Json], Json]


class Pieces:
    """Of one stream. `field` is the name under which the text stands."""

    def __init__(self, field: str, holder: Holder, usual: Usual) -> None:
        self._field, self._holder, self._usual = field, holder, usual
        self._before = self._after = b""
        self._key: TextKey | None = None
        self._tries = TRIES

    def text(self, event: bytes) -> str | None:
        """What a piece says; None where the event must be read in full."""
        before, after = self._before, self._after
        if not before or not event.startswith(before) or not event.endswith(after) or len(event) > LONGEST:
            return None
        try:
            # Where the two overlap nothing is left, which is no JSON.
            text = orjson.loads(event[len(before) : len(event) - len(after)])
        except orjson.JSONDecodeError:
            return None
        return text if type(text) is str else None

    def said(self, texts: Sequence[str]) -> Said:
        """Pieces that came one after the other, as one."""
        assert self._key is not None
        return Said(self._key.choice, [Slot(self._key, "".join(texts))])

    def learn(self, event: bytes) -> None:
        """Take an event, if it is a piece, as the one that the next are like."""
        if not self._tries or len(event) > LONGEST:
            return
        self._tries -= 1
        data = orjson.loads(event)
        one = self._usual(data)
        if one is not None and (found := self._around(event, data)) is not None:
            (self._before, self._after), self._key = found, one.slots[0].key

    def _around(self, event: bytes, data: Json) -> tuple[bytes, bytes] | None:
        """What stands on both sides of the text of a usual event, where that can be told for sure."""
        text, name = self._holder(data)[self._field], b'"%b":' % self._field.encode()
        written = orjson.dumps(text)
        start = event.rfind(name) + len(name)
        start += event[start : start + 1] == b" "
        before, after = event[:start], event[start + len(written) :]
        if event[start : start + len(written)] != written:
            return None
        other = orjson.loads(before + orjson.dumps(f"{text}?") + after)
        holder = self._holder(other)
        if holder.get(self._field) != f"{text}?":
            return None
        holder[self._field] = text
        return (before, after) if other == data else None
