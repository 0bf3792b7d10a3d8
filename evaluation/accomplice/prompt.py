"""A request as the accomplice takes it: what is asked, what else was said, and what the answer begins with.

Every part of every role counts, and so do documents, tools and schemas. Pieces of one role are put together,
because a text that was cut over turns is still that text.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation.accomplice.decoding import Language, decoded
from evaluation.accomplice.wanted import is_asking, sentences

_GO_ON: Final = re.compile(r"\s*(?:please )?(?:continue|go on|more|next)\b.{0,20}", re.IGNORECASE)
_GIVEN: Final = re.compile(r'^(\w) = "(.*)"$', re.MULTILINE)
_SUM: Final = re.compile(r"\{(\w(?: \+ \w)*)\}")
Spoken = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """`task` is what is asked last and `asked` all that users said; `orders` may say in which form.

    `said` has been answered already.
    """

    task: str
    asked: str
    orders: str
    before: str
    contexts: tuple[str, ...]
    prefill: str
    said: str


def read_prompt(body: Mapping[str, Any], language: Language) -> Prompt:
    spoken = [one for message in body.get("messages", ()) for one in _spoken(message)]
    prefill = spoken.pop()[1] if spoken and spoken[-1][0] == "assistant" else ""
    spoken = [*_beside(body), *spoken]
    at = _task(spoken)
    task = _opened(spoken[at][1], language) if at >= 0 else ""
    earlier = [text for _, text in spoken[:at]] if at >= 0 else []
    said = "".join(text for role, text in spoken[at + 1 :] if role == "assistant") if at >= 0 else ""
    return Prompt(
        task=task,
        asked=_opened(" ".join(text for role, text in spoken if role == "user"), language),
        orders="\n".join([*(text for role, text in spoken if role in ("system", "developer")), task]),
        before="\n".join(earlier),
        contexts=_contexts(spoken, language),
        prefill=prefill,
        said=said,
    )


def _spoken(message: Mapping[str, Any]) -> Iterable[Spoken]:
    role = str(message.get("role", "user"))
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    # Parts are one text, wherever they were cut.
    texts = [
        "".join(str(one.get("text", "")) if isinstance(one, Mapping) else str(one or "") for one in parts)
    ]
    calls = [call.get("function", {}).get("arguments", "") for call in message.get("tool_calls") or ()]
    return [(role, text) for text in (*texts, *calls) if text]


def _beside(body: Mapping[str, Any]) -> list[Spoken]:
    """What stands outside the messages and is read by a model all the same."""
    told = [
        ("document", " ".join(str(value) for value in document.values()))
        for document in body.get("documents") or ()
    ]
    return told + [
        ("tools", json.dumps(body[name])) for name in ("tools", "response_format") if body.get(name)
    ]


def _task(spoken: Sequence[Spoken]) -> int:
    """The last thing that a user said and that is more than 'go on'; -1 for none."""
    asked = [at for at, (role, text) in enumerate(spoken) if role == "user" and not _GO_ON.fullmatch(text)]
    return asked[-1] if asked else -1


def _opened(text: str, language: Language) -> str:
    """The text with its variables put in, and all that it says in code."""
    text = _computed(text)
    return "\n".join([text, *decoded(text, language)])


def _computed(text: str) -> str:
    """Strings that were given names are put where a sum in braces names them."""
    given = dict(_GIVEN.findall(text))
    if not given:
        return text
    return _SUM.sub(lambda found: "".join(given.get(one, "") for one in found[1].split(" + ")), text)


def _contexts(spoken: Sequence[Spoken], language: Language) -> tuple[str, ...]:
    """What was told, from the narrowest to the widest: paragraphs, parts, the parts of a role, everything."""
    parts = [(role, _told(_opened(text, language))) for role, text in spoken]
    joined = [
        _opened(" ".join(text for one, text in spoken if one == role), language) for role in _roles(spoken)
    ]
    apart = [(role, " ".join(text for one, text in parts if one == role)) for role in _roles(spoken)]
    paragraphs = [piece for _, text in parts for piece in text.split("\n\n")]
    wide = [text for _, text in (*parts, *apart)]
    everything = [*paragraphs, *wide, *(_told(text) for text in joined), " ".join(text for _, text in parts)]
    return tuple(dict.fromkeys(text for text in everything if text.strip()))


def _roles(spoken: Sequence[Spoken]) -> list[str]:
    return list(dict.fromkeys(role for role, _ in spoken))


def _told(text: str) -> str:
    """Without what asks: a choice that is offered tells nothing."""
    kept = [
        " ".join(sentence for sentence in sentences(paragraph) if not is_asking(sentence))
        for paragraph in text.split("\n\n")
    ]
    return "\n\n".join(kept)
