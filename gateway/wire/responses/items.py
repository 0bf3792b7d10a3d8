"""The items of one response as they come to be: each has a number and an id of the gateway's own.

Rule: an item says what was released of it, in its events and once more at its end.
"""

from dataclasses import dataclass, field

from filters.answer_guard import PLAIN_PART, TextKey
from gateway.errors import Json
from gateway.wire.keys import ID, INPUT, NAME, NAMESPACE, call_of, said_of
from gateway.wire.responses.answer import PARTS
from policy.surface import Channel

HEADS = {ID: "call_id", NAMESPACE: "namespace", NAME: "name"}
BEGINNINGS = {"message": "msg", "reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is written: its part, its field there, the beginnings of its events, and its index."""

    part: str
    field: str
    event: str
    part_event: str
    index: str

    def written(self, text: str) -> Json:
        more: Json = {"annotations": [], "logprobs": []} if self.part == "output_text" else {}
        return {"type": self.part, self.field: text} | more


TEXT = Form("output_text", "text", "output_text", "content_part", "content_index")
REFUSAL = Form("refusal", "refusal", "refusal", "content_part", "content_index")
THOUGHT = Form("reasoning_text", "text", "reasoning_text", "content_part", "content_index")
SUMMARY = Form("summary_text", "text", "reasoning_summary_text", "reasoning_summary_part", "summary_index")
ARGUMENTS = Form("", "arguments", "function_call_arguments", "", "")
FREE = Form("", "input", "custom_tool_call_input", "", "")


def form_of(key: TextKey) -> Form:
    match key.channel:
        case Channel.CONTENT:
            return TEXT
        case Channel.REFUSAL:
            return REFUSAL
        case Channel.REASONING:
            return SUMMARY if key.part % 2 else THOUGHT
    return FREE if key.part >= PLAIN_PART else ARGUMENTS


def number_of(key: TextKey) -> int:
    """Which item of the model server's a text belongs to."""
    return call_of(key) if key.channel is Channel.ARGUMENTS else key.part // (2 * PARTS)


@dataclass(slots=True)
class Part:
    """One text of an item. `place` is among those that are written like it."""

    key: TextKey
    form: Form
    place: int
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def where(self) -> Json:
        return {self.form.index: self.place} if self.form.index else {}


@dataclass(slots=True)
class Item:
    """`source` is its number at the model server, `index` the one that the client sees."""

    kind: str
    source: int
    index: int
    id: str
    heads: Json
    parts: list[Part] = field(default_factory=list)

    @property
    def where(self) -> Json:
        return {"item_id": self.id, "output_index": self.index}

    def part(self, key: TextKey) -> Part:
        """A new one."""
        form = form_of(key)
        place = sum(each.form.index == form.index for each in self.parts)
        self.parts.append(Part(key, form, place))
        return self.parts[-1]

    def written(self, status: str, begun: bool = False) -> Json:
        """All that it says; `begun`: before it says anything."""
        told: Json = {"type": self.kind, "id": self.id, "status": status}
        parts = [] if begun else self.parts
        match self.kind:
            case "message":
                return told | {"role": "assistant", "content": _listed(parts, "content_index")}
            case "reasoning":
                shown = _listed(parts, "summary_index"), _listed(parts, "content_index")
                return told | {"summary": shown[0], "content": shown[1]}
        said = "".join(part.text for part in parts)
        return told | self.heads | {"arguments" if self.kind == "function_call" else "input": said}


def _listed(parts: list[Part], index: str) -> list[Json]:
    return [part.form.written(part.text) for part in parts if part.form.index == index]


def head_of(key: TextKey) -> str | None:
    """The field of a call's name or id; None: the text is said in pieces."""
    said = said_of(key) if key.channel is Channel.ARGUMENTS else None
    return HEADS.get(said) if said is not None and said != INPUT else None
