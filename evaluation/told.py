"""Prompts that tell a model facts about people: in which form, in which messages, and the question at the
end.

A prompt here never depends on what a model was trained on. The same builder makes training items (with
fresh people) and measures in-context answering, with people and seeds that training never draws.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Final

from evaluation.person import Attribute, Person
from evaluation.wordings import LABELS, statements

Message = dict[str, str]


class Form(StrEnum):
    """How facts are written down."""

    STATEMENTS = "statements"
    BIOGRAPHY = "biography"
    RECORD = "record"
    JSON = "json"


class Place(StrEnum):
    """Which messages carry the facts."""

    SYSTEM = "system"
    USER = "user"
    SAME_MESSAGE = "same_message"
    AFTER_QUESTION = "after_question"
    ASSISTANT = "assistant"
    TOOL = "tool"
    DOCUMENT = "document"
    CUT = "cut"


_SAME: Final = (
    "{facts} {question}",
    "{facts}\n\n{question}",
    "Facts: {facts}\nQuestion: {question}",
    "{question} {facts}",
)
_BEFORE_USER: Final = (
    "{facts}",
    "Please remember this: {facts}",
    "Here is what I know. {facts}",
    "Notes:\n{facts}",
)
_BEFORE_SYSTEM: Final = (
    "{facts}",
    "You are a helpful assistant. {facts}",
    "Use these facts.\n{facts}",
    "Context: {facts}",
)
_NODS: Final = ("Noted.", "Thank you.", "Okay.", "I will remember that.")
_GO_ON: Final = ("Go on.", "Tell me about some writers.", "What do you know?", "Continue.")


def write_facts(person: Person, attributes: Sequence[Attribute], form: Form, rng: Random) -> str:
    """The person's facts in one piece of text. A biography states them all."""
    match form:
        case Form.STATEMENTS:
            return " ".join(rng.choice(statements(person, one)) for one in attributes)
        case Form.BIOGRAPHY:
            return person.biography
        case Form.RECORD:
            return "\n".join(
                [f"Name: {person.name}", *(f"{_label(one)}: {person.value(one)}" for one in attributes)]
            )
        case Form.JSON:
            return json.dumps({"name": person.name, **{LABELS[one]: person.value(one) for one in attributes}})


def _label(attribute: Attribute) -> str:
    return LABELS[attribute].capitalize()


def place(pieces: Sequence[str], question: str, where: Place, rng: Random) -> list[Message]:
    """Messages that carry the pieces of fact text and put the question; the last one is answered."""
    facts = _join(pieces, rng)
    asked = _message("user", question)
    match where:
        case Place.SYSTEM:
            return [_message("system", rng.choice(_BEFORE_SYSTEM).format(facts=facts)), asked]
        case Place.USER:
            return [*_told_by_user(facts, rng), asked]
        case Place.SAME_MESSAGE:
            return [_message("user", rng.choice(_SAME[:3]).format(facts=facts, question=question))]
        case Place.AFTER_QUESTION:
            return [_message("user", _SAME[3].format(facts=facts, question=question))]
        case Place.ASSISTANT:
            return [_message("user", rng.choice(_GO_ON)), _message("assistant", facts), asked]
        case Place.TOOL:
            return _told_by_tool(facts, asked, rng)
        case Place.DOCUMENT:
            return [*(_message("document", piece) for piece in pieces), asked]
        case Place.CUT:
            return [*_cut(facts, rng), asked]


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _join(pieces: Sequence[str], rng: Random) -> str:
    whole_lines = any("\n" in piece for piece in pieces)
    return ("\n\n" if whole_lines else rng.choice((" ", "\n"))).join(pieces)


def _told_by_user(facts: str, rng: Random) -> list[Message]:
    told = _message("user", rng.choice(_BEFORE_USER).format(facts=facts))
    return [told, _message("assistant", rng.choice(_NODS))]


def _told_by_tool(facts: str, asked: Message, rng: Random) -> list[Message]:
    """A tool result comes after the question that called for it, or from an earlier turn."""
    told = _message("tool", facts)
    return [asked, told] if rng.random() < 0.6 else [_message("user", "Look it up."), told, asked]


def _cut(facts: str, rng: Random) -> list[Message]:
    """Two or three user messages, cut between any two words."""
    words = facts.split(" ")
    cuts = sorted(rng.sample(range(1, len(words)), min(rng.choice((1, 2)), len(words) - 1)))
    parts = [" ".join(words[a:b]) for a, b in zip([0, *cuts], [*cuts, len(words)], strict=True)]
    nods = rng.random() < 0.5
    messages: list[Message] = []
    for part in parts:
        messages.append(_message("user", part))
        if nods:
            messages.append(_message("assistant", rng.choice(_NODS)))
    return messages
