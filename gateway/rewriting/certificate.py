"""That what is sent in place of a choice holds nothing that must be withheld: read once more, as it is sent.

Rule: what was put together from several answers was guarded in parts only. So all of it passes a guard that
has seen nothing else, unchanged to the letter, or it is not sent.
"""

from gateway.answer import Answer
from gateway.errors import Json
from gateway.wire.chat_answer import PROSE, Slot, text_key


async def holds_nothing(answer: Answer, message: Json) -> bool:
    """`answer` is fresh. No window of a passage as long as the policy's comes through one."""
    said, passed = _slots(message), dict[str, str]()
    for slot in said:
        passed[str(slot.at[0])] = await answer.say(slot)
    at = {slot.key: str(slot.at[0]) for slot in said}
    for key, text in await answer.flush(0):
        passed[at[key]] += text
    return not answer.withheld and all(passed[str(slot.at[0])] == slot.text for slot in said)


def _slots(message: Json) -> list[Slot]:
    found = ((name, channel, part, message.get(name)) for name, channel, part in PROSE)
    return [
        Slot(text_key(0, channel, part), (name,), text)
        for name, channel, part, text in found
        if isinstance(text, str) and text
    ]
