"""That what is sent in place of a choice holds nothing that must be withheld: read once more, as it is sent.

Rule: what was put together from several answers was guarded in parts only. So all of it, calls included, is
read like an answer by a guard that has seen nothing else, and comes out unchanged to the letter, or it is not
sent.
"""

from filters.answer_guard import PLAIN_PART, TextKey
from gateway.answer import Answer
from gateway.refusal import Refusal
from gateway.whole import whole_answer
from gateway.wire.answer import Heard, Said, Slot, SlotRole, Texts, WireError
from gateway.wire.keys import moved


async def holds_nothing(answer: Answer, refusal: Refusal, texts: Texts, choice: int) -> bool:
    """`answer` is fresh. Said by this choice, which goes on with its own prompt, no window of a passage as
    long as the policy's comes through.
    """
    texts = moved(texts, choice)
    said = Said(choice, [Slot(key, text, _role(key)) for key, text in texts], "stop")
    try:
        told = await whole_answer(Heard([said]), answer, refusal, 0)
    except WireError:
        return False
    return not answer.withheld and told.choices[0].texts == texts


def _role(key: TextKey) -> SlotRole:
    return SlotRole.WHOLE if key.part >= PLAIN_PART else SlotRole.DELTA
