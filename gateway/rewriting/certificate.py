"""That what is sent in place of a choice holds nothing that must be withheld: read once more, as it is sent.

Rule: what was put together from several answers was guarded in parts only. So all of it, calls included, is
read like an answer by a guard that has seen nothing else, and comes out unchanged to the letter, or it is not
sent.
"""

from gateway.answer import Answer
from gateway.chat_whole import whole_answer
from gateway.errors import Json
from gateway.refusal import Frame, Refusal
from gateway.wire.chat.answer import Heard, WireError, said
from gateway.wire.contract import Contract

_FRAME = Frame("", 0, "")


async def holds_nothing(answer: Answer, contract: Contract, refusal: Refusal, message: Json) -> bool:
    """`answer` is fresh, and of one choice. No window of a passage as long as the policy's comes through."""
    try:
        one = said(contract, {"choices": [{"message": message}]}, 1, streamed=False)
        told = await whole_answer(Heard(one), answer, _FRAME, refusal, 0)
    except WireError:
        return False
    choices = told["choices"]
    assert isinstance(choices, list)
    return not answer.withheld and choices[0]["message"] == message
