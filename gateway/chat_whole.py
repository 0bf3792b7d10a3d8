"""A chat answer that comes as one body: the same guards, fed once and finished.

Rule: where a choice was stopped its tool calls are gone: a program might run a call that is cut short.
"""

from filters.answer_guard import TextKey
from gateway.answer import Answer
from gateway.errors import Json
from gateway.refusal import Frame, Refusal, choice, estimated, tokens
from gateway.wire.chat.answer import Heard, Said, WireError, put

PROSE = frozenset({"content", "reasoning", "reasoning_content"})


async def whole_answer(heard: Heard, answer: Answer, frame: Frame, refusal: Refusal, prompt: int) -> Json:
    if not heard.said:
        raise WireError("choices: expected at least one")
    choices = [await _choice(one, answer, refusal) for one in heard.said]
    told = heard.usage
    if answer.withheld or told is None:
        counted = (told or {}).get("prompt_tokens")
        before = counted if isinstance(counted, int) else tokens(prompt)
        told = estimated(before, tokens(answer.released))
    return frame.whole(choices, told)


async def _choice(one: Said, answer: Answer, refusal: Refusal) -> Json:
    if answer.ended(one.choice):
        raise WireError("choices: one came twice")
    # What came in two slots is one text.
    apart = len({slot.key for slot in one.slots}) == len(one.slots)
    say = answer.all_of if apart else answer.say
    texts = {slot.at: await say(slot) for slot in one.slots}
    places = {slot.key: slot.at for slot in one.slots}
    for key, text in await answer.flush(one.choice):
        texts[places[key]] += text
    stopped = answer.stopped(one.choice)
    for key in _after(stopped, list(places)):
        answer.take_back(key)
        texts[places[key]] = ""
    for at, text in texts.items():
        put(one.message, at, text)
    if answer.stopped(one.choice) is None:
        return choice(one.choice, message(one.message), one.finish or "stop")
    told = refusal.ending(answer, one.choice)
    return choice(one.choice, message(_cut(one.message, told)), refusal.finish)


def _after(stopped: TextKey | None, said: list[TextKey]) -> list[TextKey]:
    """What was said after the text that stopped the choice: all of it could be held to its end."""
    return said[said.index(stopped) + 1 :] if stopped in said else []


def message(found: Json) -> Json:
    """The fields that clients look for, an answer's or a refusal's alike."""
    kept: Json = {"role": "assistant", "content": None, "refusal": None}
    kept |= {name: text for name, text in found.items() if text != ""}
    if found.get("content") == "" and "tool_calls" not in kept:
        kept["content"] = ""
    if isinstance(calls := kept.get("tool_calls"), list):
        kept["tool_calls"] = [_unnumbered(call) for call in calls]
    return kept


def _unnumbered(call: Json) -> Json:
    return {name: value for name, value in call.items() if name != "index"}


def _cut(found: Json, told: Json) -> Json:
    kept = {name: text for name, text in found.items() if name in PROSE}
    return kept | told | {"content": f"{kept.get('content', '')}{told.get('content', '')}"}
