"""One answer under guard: which choices were stopped, which have ended, and what was sent of each.

Rule: nothing reaches a client that did not come out of `say` or `flush`, and after a stop nothing of that
choice comes out any more.
"""

import asyncio
import time
from collections.abc import Callable

from filters.answer_guard import Taken, TextKey
from filters.step import Step
from gateway.errors import Json
from gateway.settle import Guard, Judged, settle
from gateway.veil import Veil
from gateway.wire.answer import Slot, SlotRole, WireError
from gateway.wire.usage import estimated, tokens
from policy.action import Action
from policy.surface import Channel

# A longer text is guarded in pieces, and now and then the answers of others go on in between.
PIECE = 1024
# No longer a text is looked through in one go.
AT_ONCE = 4096
TURN_S = 0.005

# Told how often what goes out came near a forgotten passage, before it goes.
Near = Callable[[int], None]

CHANGES = frozenset({Action.REDACT, Action.REWRITE, Action.REFUSE})


class Answer:
    """`estimates`: what the model server counted is of another prompt than the client's. `veil` gives a
    cloaked prompt's names back. `counted` is for the operator alone: what the model server counted.
    """

    def __init__(
        self,
        guard: Guard,
        judge: Judged,
        choices: int,
        near: Near = lambda _: None,
        *,
        estimates: bool = False,
        veil: Veil | None = None,
    ) -> None:
        self._guard, self._judge, self._near = guard, judge, near
        self.choices, self.estimates, self._veil = choices, estimates, veil
        self._ended: set[int] = set()
        self._stopped: dict[int, TextKey] = {}
        self._sizes: dict[TextKey, int] = {}
        self._names: dict[TextKey, str] = {}
        self._over: set[TextKey] = set()
        self.fed = self.released = self.most_held = 0
        self.counted: Json | None = None

    @property
    def all_stopped(self) -> bool:
        return len(self._stopped) == self.choices

    @property
    def findings(self) -> tuple[Taken, ...]:
        return self._guard.findings

    @property
    def unlisted(self) -> int:
        """How many findings there are besides."""
        return self._guard.unlisted

    @property
    def near(self) -> int:
        """How often what came out came near a forgotten passage."""
        return self._guard.near

    @property
    def withheld(self) -> bool:
        if self._stopped:
            return True
        taken = self._guard.findings
        return bool(taken) and any(one.verdict.action in CHANGES for one in taken)

    def finish(self, choice: int, told: str) -> str:
        """Why a choice ended. Who could ask for ever shorter answers until one is cut would know how long
        that is of which something was withheld.
        """
        taken = (one for one in self._guard.findings if one.key.choice == choice)
        cut = told == "length" and any(one.verdict.action in CHANGES for one in taken)
        return "stop" if cut else told

    def ended(self, choice: int) -> bool:
        return choice in self._ended

    def stopped(self, choice: int) -> TextKey | None:
        """The text that stopped a choice."""
        return self._stopped.get(choice)

    def sent(self, choice: int, channel: Channel) -> int:
        """How many characters of a channel were sent."""
        return sum(
            size for key, size in self._sizes.items() if (key.choice, key.channel) == (choice, channel)
        )

    def usage(self, counted: Json | None, size: int) -> Json:
        """What the model server counted; an estimate where part was withheld. `size` is the prompt's."""
        self.counted = counted or self.counted
        if counted is not None and not self.withheld and not self.estimates:
            return counted
        before = None if self.estimates else (counted or {}).get("prompt_tokens")
        return estimated(before if isinstance(before, int) else tokens(size), tokens(self.released))

    def counted_before(self, counted: Json | None, size: int) -> Json | None:
        """What may be told of its tokens before anything of it is said."""
        return estimated(tokens(size), 0) if self.estimates else counted

    async def say(self, slot: Slot) -> str:
        """What may be sent in place of a slot's text."""
        if slot.role is not SlotRole.DELTA:
            return await self._said(slot)
        if slot.key.choice in self._stopped or not slot.text:
            return ""
        if slot.key.choice in self._ended or (self._over and slot.key in self._over):
            raise WireError("choice: text after its end")
        if len(slot.text) <= PIECE:
            return await self._fed(slot.key, slot.text)
        return await self._in_pieces(slot.key, slot.text)

    async def all_of(self, slot: Slot) -> str:
        """The same, of a text of which no more will come."""
        key, size = slot.key, len(slot.text)
        apart = slot.role is not SlotRole.DELTA or key.choice in self._stopped or key.choice in self._ended
        if apart or not 0 < size <= AT_ONCE or not self._guard.passes(key, slot.text):
            return await self.say(slot)
        self.fed += size
        text = slot.text if self._veil is None else self._veil.lifted(key, slot.text, over=True)
        self._count(key, len(text))
        return text

    async def clean(self, key: TextKey, text: str) -> bool:
        """Whether a text that is no part of any choice may be sent as it is."""
        released = ""
        for step in (self._guard.feed(key, text), self._guard.finish(key)):
            step = await settle(self._guard, key, step, self._judge)
            released += step.text
            if step.stop is not None:
                return False
        return released == text

    async def flush(self, choice: int) -> list[tuple[TextKey, str]]:
        """End a choice: what its texts still held and may be sent."""
        released: list[tuple[TextKey, str]] = []
        for key in () if choice in self._stopped else self._guard.keys(choice):
            text = await self._settled(key, self._guard.finish(key), over=True)
            if text:
                released.append((key, text))
            if choice in self._stopped:
                break
        self._ended.add(choice)
        return released

    def take_back(self, key: TextKey) -> None:
        """Of an answer that is there whole: what was said after the text that stopped it is not sent."""
        self.released -= self._sizes.pop(key, 0)

    async def _said(self, slot: Slot) -> str:
        key = slot.key
        if key.choice in self._stopped:
            return ""
        match slot.role:
            case SlotRole.END:
                self._over.add(key)
                return await self._settled(key, self._guard.finish(key), over=True)
            case SlotRole.WHOLE if slot.text:
                return await self._whole(slot)
            case SlotRole.SNAPSHOT if slot.text and key not in self._sizes:
                return await self.say(Slot(key, slot.text))
        return ""

    async def _fed(self, key: TextKey, text: str) -> str:
        self.fed += len(text)
        return await self._settled(key, self._guard.feed(key, text))

    async def _in_pieces(self, key: TextKey, text: str) -> str:
        released: list[str] = []
        turn = time.monotonic() + TURN_S
        for start in range(0, len(text), PIECE):
            if key.choice in self._stopped:
                break
            released.append(await self._fed(key, text[start : start + PIECE]))
            if time.monotonic() > turn:
                await asyncio.sleep(0)
                turn = time.monotonic() + TURN_S
        return "".join(released)

    async def _settled(self, key: TextKey, step: Step, *, over: bool = False) -> str:
        if step.asks:
            step = await settle(self._guard, key, step, self._judge)
        self._near(self._guard.near)
        text, over = step.text, over or step.stop is not None
        if self._veil is not None:
            text = self._veil.lifted(key, text, over=over)
        self._count(key, len(text))
        if step.stop is not None:
            self._stopped[key.choice] = key
            self._ended.add(key.choice)
        return text

    def _count(self, key: TextKey, released: int) -> None:
        self._sizes[key] = self._sizes.get(key, 0) + released
        self.released += released
        self.most_held = max(self.most_held, self.fed - self.released)

    async def _whole(self, slot: Slot) -> str:
        """A name or an id: edited it would be another one, so it goes out as it is or the choice stops."""
        if slot.key.choice in self._ended:
            raise WireError("choice: text after its end")
        known = self._names.get(slot.key)
        if known is not None:
            if known != slot.text:
                raise WireError("tool_call: a name or an id that changed")
            return slot.text
        text = await self._settled(slot.key, self._guard.feed(slot.key, slot.text))
        if slot.key.choice not in self._stopped:
            text += await self._settled(slot.key, self._guard.finish(slot.key))
        if slot.key.choice in self._stopped or text != slot.text:
            self._stopped.setdefault(slot.key.choice, slot.key)
            self._ended.add(slot.key.choice)
            return ""
        self._names[slot.key] = slot.text
        return text
