"""Server-sent events, split as the standard says: lines end with CR, LF or CRLF and nothing else.

U+2028, U+2029 and U+0085 are data. Comments are dropped. An event larger than the limit is an error, so that
a stream without line ends cannot fill the memory.
"""

from typing import NamedTuple

BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    data: bytes
    name: str = ""


class EventTooLong(ValueError):
    pass


class EventReader:
    """Bytes in, in any cut; whole events out."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Grown in place: a line that comes byte by byte is not copied for each of them.
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._begun = False
        self._after_cr = False

    def feed(self, piece: bytes) -> list[Event]:
        lines = self._lines(piece if self._begun else self._start(piece))
        events = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._rest) > self._limit:
            raise EventTooLong(f"an event is larger than {self._limit} bytes")
        return events

    @property
    def open(self) -> bool:
        """Whether an event has begun that never ended; the standard says to drop it."""
        return bool(self._rest or self._data)

    def _start(self, piece: bytes) -> bytes:
        data = bytes(self._rest) + piece
        self._rest.clear()
        if len(data) < len(BOM) and BOM.startswith(data):
            return data
        self._begun = True
        return data.removeprefix(BOM)

    def _lines(self, data: bytes) -> list[bytes]:
        """The finished lines; the rest waits. A CR ends its line at once and takes an LF after it along."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = data.split(b"\n")
        if lines and self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        return lines

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
            if self._size > self._limit:
                raise EventTooLong(f"an event is larger than {self._limit} bytes")
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        if not data:
            self._name = ""
            return None
        self._data, self._name, self._size = [], "", 0
        return Event(data[0] if len(data) == 1 else b"\n".join(data), name)


def encode(data: bytes) -> bytes:
    """One event of one line: JSON from orjson holds no raw line ends."""
    return b"data: " + data + b"\n\n"


DONE = encode(b"[DONE]")
