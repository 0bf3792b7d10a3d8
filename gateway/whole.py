"""An answer that comes as one body: the same guards, fed once and finished.

Rule: where a choice was stopped its tool calls are gone: a program might run a call that is cut short.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from filters.answer_guard import TextKey
from gateway.answer import Answer
from gateway.errors import Json
from gateway.refusal import Refusal
from gateway.wire.answer import Choice, Heard, Said, SlotRole, WireError
from policy.surface import Channel

PROSE = frozenset({Channel.CONTENT, Channel.REASONING})


@dataclass(frozen=True, slots=True)
class Whole:
    """What the client gets, and what is told of its tokens."""

    choices: tuple[Choice, ...]
    usage: Json


async def whole_answer(heard: Heard, answer: Answer, refusal: Refusal, size: int) -> Whole:
    """`size` is the prompt's."""
    if not heard.said:
        raise WireError("choices: expected at least one")
    choices = [await _choice(one, answer, refusal) for one in heard.said]
    return Whole(tuple(choices), answer.usage(heard.usage, size))


async def _choice(one: Said, answer: Answer, refusal: Refusal) -> Choice:
    if answer.ended(one.choice):
        raise WireError("choices: one came twice")
    texts = await _texts(one, answer)
    stopped = answer.stopped(one.choice)
    for key in _after(stopped, list(texts)):
        answer.take_back(key)
        texts[key] = ""
    if stopped is None:
        return Choice(one.choice, tuple(texts.items()), answer.finish(one.choice, one.finish or "stop"))
    kept = {key: text for key, text in texts.items() if key.channel in PROSE}
    for key, text in refusal.ending(answer, one.choice):
        kept[key] = kept.get(key, "") + text
    return Choice(one.choice, tuple(kept.items()), refusal.finish)


async def _texts(one: Said, answer: Answer) -> dict[TextKey, str]:
    """What may be sent of each, all of it."""
    # What came in two slots is one text.
    apart = len({slot.key for slot in one.slots}) == len(one.slots)
    say = answer.all_of if apart else answer.say
    texts: dict[TextKey, str] = {}
    for slot in one.slots:
        before = "" if slot.role is SlotRole.WHOLE else texts.get(slot.key, "")
        texts[slot.key] = before + await say(slot)
    for key, text in await answer.flush(one.choice):
        texts[key] += text
    return texts


def _after(stopped: TextKey | None, said: Iterable[TextKey]) -> list[TextKey]:
    """What was said after the text that stopped the choice: all of it could be held to its end."""
    listed = list(said)
    return listed[listed.index(stopped) + 1 :] if stopped in listed else []
