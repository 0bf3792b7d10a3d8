"""The tool calls of an answer, as texts to guard.

Rule: a program reads them, so each string of one stays as it is, or the answer is blocked. LiteLLM takes no
other words for it back.
"""

from collections.abc import Sequence

from filters.answer_guard import PLAIN_PART, TextKey
from gateway.wire.answer import Slot, SlotRole
from gateway.wire.litellm.request import strings
from policy.surface import Channel

# The words that every call is made of.
FORM = frozenset({"id", "type", "index", "function", "name", "arguments"})


def slots(calls: Sequence[object]) -> list[Slot]:
    """Arguments are JSON text, all other strings are whole."""
    arguments = [text for call in calls if (text := _arguments(call)) is not None]
    others = dict.fromkeys(text for text in strings([*calls]) if text not in FORM and text not in arguments)
    found = [_slot(part, text, SlotRole.DELTA) for part, text in enumerate(arguments)]
    return found + [_slot(PLAIN_PART + part, text, SlotRole.WHOLE) for part, text in enumerate(others)]


def _slot(part: int, text: str, role: SlotRole) -> Slot:
    return Slot(TextKey(0, Channel.ARGUMENTS, part), text, role)


def _arguments(call: object) -> str | None:
    function = call.get("function") if isinstance(call, dict) else None
    text = function.get("arguments") if isinstance(function, dict) else None
    return text if isinstance(text, str) else None
