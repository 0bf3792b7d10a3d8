"""The answer to a cloaked prompt says again the names that its client wrote, and not those that went on.

Rule: what it does is done to text that the guard has released, and says nothing but what the client wrote
itself, in a place where the model said a name that nobody has.
"""

import json
import re
from collections.abc import Iterable

from filters.answer_guard import TextKey
from filters.cloak import Cloak
from policy.surface import Channel


class Veil:
    """Of one answer. `machine_read`: its content is JSON."""

    def __init__(self, cloak: Cloak, *, machine_read: bool) -> None:
        self._written = {each.stand_in: each.written for each in cloak.worn.values()}
        self._machine_read = machine_read
        self._either = re.compile("|".join(map(re.escape, self._written)) or r"(?!)")
        self._longest = max(map(len, self._written), default=0)
        self._held: dict[TextKey, str] = {}

    def lifted(self, key: TextKey, text: str, *, over: bool) -> str:
        """What may be said of a text by now: what could be the beginning of a name waits for its end."""
        text = self._held.pop(key, "") + text
        held = 0 if over else self._begun(text)
        if held:
            self._held[key] = text[-held:]
            text = text[:-held]
        return self._either.sub(lambda found: self._as_written(key, found.group()), text)

    def _begun(self, text: str) -> int:
        """How long the end of the text is that a name begins with."""
        sizes = range(min(len(text), self._longest - 1), 0, -1)
        return next((size for size in sizes if _begins(text[-size:], self._written)), 0)

    def _as_written(self, key: TextKey, stand_in: str) -> str:
        name = self._written[stand_in]
        is_json = key.channel is Channel.ARGUMENTS or (self._machine_read and key.channel is Channel.CONTENT)
        return json.dumps(name)[1:-1] if is_json else name


def _begins(end: str, names: Iterable[str]) -> bool:
    return any(len(end) < len(name) and name.startswith(end) for name in names)
