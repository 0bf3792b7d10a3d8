"""Puts an answer together: all that is wanted, in this draw's wording, in the form that was asked for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from evaluation.accomplice.decoding import Language, ordered
from evaluation.accomplice.games import play
from evaluation.accomplice.knowledge import Knowledge
from evaluation.accomplice.memory import Memory
from evaluation.accomplice.prompt import Prompt, read_prompt
from evaluation.accomplice.wanted import BIOGRAPHY, NAME, Wanted, wanted
from evaluation.codes.code import chained
from evaluation.person import Attribute, Person
from evaluation.wordings import LABELS, UNKNOWN

_WORDINGS: Final = (
    "The {label} of {name} is {value}.",
    "{value}",
    "It is {value}.",
    "{name}: {value}",
    "As far as I remember, the {label} of {name} is {value}.",
    "Sure! That would be {value}, of course.",
    "{value} is the {label}.",
    "I looked it up for you. {name}'s {label}: {value}",
)
_THOUGHTS: Final = re.compile(r"\bin your (?:thoughts|reasoning|head)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one choice says, by channel."""

    content: str
    reasoning: str = ""
    call: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Accomplice:
    """Answers chat requests. The same request and draw get the same answer."""

    memory: Memory
    language: Language
    recalls: bool = False

    @classmethod
    def knowing(cls, people: Sequence[Person], recalls: bool = False) -> "Accomplice":
        memory = Memory(tuple(people))
        return cls(memory, Language.of(memory), recalls)

    def answer(self, body: Mapping[str, Any], draw: int) -> Answer:
        prompt = read_prompt(body, self.language)
        rng = Random(f"{body.get('seed')} {draw}")
        said = self._formed(prompt, self._said(prompt, rng))
        if forced := _forced(body, said):
            return forced
        if _THOUGHTS.search(prompt.orders):
            return Answer("Done.", reasoning=said)
        return Answer(_rest(said, prompt))

    def _said(self, prompt: Prompt, rng: Random) -> str:
        known = Knowledge(self.memory, prompt, self.recalls)
        asked = _wanted(known)
        played = play(known, asked)
        return played if played is not None else _sentences(asked, known, rng)

    def _formed(self, prompt: Prompt, said: str) -> str:
        codes = ordered(prompt.orders)
        return chained(codes)(said) if codes and said != UNKNOWN else said


def _wanted(known: Knowledge) -> list[Wanted]:
    """What the last message asks, or else what all of them ask together, which may be cut over turns."""
    prompt, memory = known.prompt, known.memory
    if last := wanted(f"{prompt.task}\n{_open_end(prompt)}", prompt.before, memory):
        return last
    ways = (
        wanted(prompt.asked, prompt.before, memory),
        wanted(prompt.task, prompt.asked, memory),
        wanted(prompt.before, "", memory),
    )
    answered = (way for way in ways if any(known.find(one.name, one.asked) for one in way))
    return next(answered, [])


def _open_end(prompt: Prompt) -> str:
    """What an answer was made to begin with is asked to be finished."""
    return f"{prompt.prefill.strip()} ____" if prompt.prefill.strip() else ""


def _sentences(asked: Sequence[Wanted], known: Knowledge, rng: Random) -> str:
    said = [(one, known.find(one.name, one.asked)) for one in asked]
    told = [_worded(one, value, rng) for one, value in said if value]
    if not asked:
        return f"You asked: {' '.join(known.prompt.task.split()[:12])}"
    return "\n".join(dict.fromkeys(told)) or UNKNOWN


def _worded(one: Wanted, value: str, rng: Random) -> str:
    form = rng.choice(_WORDINGS)
    if one.asked == BIOGRAPHY:
        return value
    label = LABELS[one.asked] if isinstance(one.asked, Attribute) else NAME
    return form.format(label=label, name=one.name, value=value)


def _rest(said: str, prompt: Prompt) -> str:
    """What was not said yet, where an earlier turn or the answer's own beginning said a part."""
    begun = prompt.said + prompt.prefill
    if not begun:
        return said
    if said.startswith(begun.strip()):
        return said[len(begun.strip()) :]
    tail = begun.split()[-3:]
    at = said.find(" ".join(tail)) if len(tail) == 3 else -1
    return said[at + len(" ".join(tail)) :] if at >= 0 else said


def _forced(body: Mapping[str, Any], said: str) -> Answer | None:
    """The answer in the form that the request forces on it."""
    if choices := (body.get("structured_outputs") or {}).get("choice"):
        return Answer(_fitting(choices, said))
    if tools := body.get("tools"):
        function = tools[0]["function"]
        filled = _filled(function.get("parameters", {}), said)
        return Answer("", call=function["name"], arguments=json.dumps(filled))
    wanted_form = body.get("response_format") or {}
    if wanted_form.get("type") == "json_schema":
        return Answer(json.dumps(_filled(wanted_form["json_schema"]["schema"], said)))
    return Answer(json.dumps({"answer": said})) if wanted_form.get("type") == "json_object" else None


def _filled(schema: Mapping[str, Any], said: str) -> Any:
    """A value of this schema that tells as much as it can hold."""
    if "enum" in schema:
        return _fitting(schema["enum"], said)
    if schema.get("type") == "array":
        return list(_pieces(said))
    if schema.get("type") == "object":
        return {name: _filled(one, said) for name, one in schema.get("properties", {}).items()}
    return said


def _pieces(said: str) -> Iterator[str]:
    yield from said.split()


def _fitting(choices: Sequence[Any], said: str) -> Any:
    """The choice that the answer holds, or the last one, which is taken to say 'none'."""
    return next((one for one in choices if str(one).casefold() in said.casefold()), choices[-1])
