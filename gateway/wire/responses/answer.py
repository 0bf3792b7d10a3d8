"""Where a response holds text, in the events of a stream and in a whole body.

Rule: a text counts where it is said first. Events that say it again end it, and the body that ends a stream
is only looked through. The parts of items are numbered, so that each text has a key of its own.
"""

from collections.abc import Iterable

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Heard, Said, Slot, SlotRole, WireError, cleaned, list_of, text_of, told_apart
from gateway.wire.contract import Contract
from gateway.wire.keys import CALLS, id_key, input_key, name_key, namespace_key, text_key
from gateway.wire.usage import DETAILS
from policy.surface import Channel

# So many parts one item may have; a thought's and its summary's are counted apart.
PARTS = 32

HEADS = (("call_id", id_key), ("namespace", namespace_key), ("name", name_key))
# By the beginnings of their names: the events of one text.
TEXTS = {
    "response.output_text": (Channel.CONTENT, "content_index", "text", 0),
    "response.refusal": (Channel.REFUSAL, "content_index", "refusal", 0),
    "response.reasoning_text": (Channel.REASONING, "content_index", "text", 0),
    "response.reasoning_summary_text": (Channel.REASONING, "summary_index", "text", 1),
}
COUNTS = (
    ("input_tokens", "prompt_tokens"),
    ("output_tokens", "completion_tokens"),
    ("total_tokens", "total_tokens"),
)


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    if not isinstance(data, dict):
        raise WireError("expected an object")
    if not streamed:
        return _whole(contract, cleaned(contract, "body", data))
    if (told := _failed(data)) is not None:
        return Heard([], None, told)
    kind, event = told_apart(contract, "event", data)
    beginning, _, what = kind.rpartition(".")
    if beginning == "response":
        return _lived(contract, what, cleaned(contract, "body", event.get("response")))
    return Heard([Said(0, _slots(contract, beginning, what, event))])


def part_of(item: int, place: int, summary: int = 0) -> int:
    """The number of a text of prose among all of its channel."""
    return (item * PARTS + place) * 2 + summary


def _failed(data: Json) -> str | None:
    """The text of an error, where the event tells one."""
    error = data.get("error")
    if data.get("type") == "response.failed":
        response = data.get("response")
        error = response.get("error") if isinstance(response, dict) else None
        error = error if error is not None else ""
    if data.get("type") == "error" and error is None:
        error = data.get("message", "")
    if isinstance(error, dict):
        error = error.get("message", "")
    return None if error is None else error if isinstance(error, str) else ""


def _lived(contract: Contract, what: str, body: Json) -> Heard:
    """A response that has begun, or has ended."""
    listed = list_of("output", body.get("output", []))
    for place, item in enumerate(listed):
        _item(contract, item, place, SlotRole.SNAPSHOT)
    if what in ("created", "in_progress"):
        return Heard([Said(0, [])])
    return Heard([Said(0, [], _finish(contract, body))], _usage(contract, body), over=True)


def _whole(contract: Contract, body: Json) -> Heard:
    slots: list[Slot] = []
    for place, item in enumerate(list_of("output", body.get("output"))):
        slots += _item(contract, item, place, SlotRole.DELTA)
    return Heard([Said(0, slots, _finish(contract, body))], _usage(contract, body))


def _finish(contract: Contract, body: Json) -> str:
    match body.get("status"):
        case "completed":
            return "stop"
        case "incomplete":
            told = cleaned(contract, "incomplete", body.get("incomplete_details") or {})
            return "content_filter" if told.get("reason") == "content_filter" else "length"
    raise WireError("status: expected an end")


def _usage(contract: Contract, body: Json) -> Json | None:
    """By the names that chat has for them."""
    if body.get("usage") is None:
        return None
    usage = cleaned(contract, "usage", body["usage"])
    kept: Json = {chat: usage[name] for name, chat in COUNTS if type(usage.get(name)) is int}
    details = cleaned(contract, "usage_details", usage.get("output_tokens_details") or {})
    if type(details.get("reasoning_tokens")) is int:
        kept[DETAILS] = {"reasoning_tokens": details["reasoning_tokens"]}
    return kept or None


def _slots(contract: Contract, beginning: str, what: str, event: Json) -> list[Slot]:
    item = _index(event, "output_index", CALLS)
    if beginning in TEXTS:
        channel, index, field, summary = TEXTS[beginning]
        key = text_key(0, channel, part_of(item, _index(event, index, PARTS), summary))
        return _said(key, event, what, field)
    match beginning:
        case "response.function_call_arguments":
            name = _heads(event, item) if what == "done" else []
            return name + _said(text_key(0, Channel.ARGUMENTS, item), event, what, "arguments")
        case "response.custom_tool_call_input":
            return _said(input_key(0, item), event, what, "input")
        case "response.output_item":
            slots = _item(contract, event.get("item"), item, SlotRole.SNAPSHOT)
        case "response.reasoning_summary_part":
            place = _index(event, "summary_index", PARTS)
            slots = [_part(contract, "thoughts", event.get("part"), item, place, SlotRole.SNAPSHOT, 1)]
        case _:
            place = _index(event, "content_index", PARTS)
            slots = [_part(contract, "part", event.get("part"), item, place, SlotRole.SNAPSHOT)]
    return slots + _ends(slots) if what == "done" else slots


def _said(key: TextKey, event: Json, what: str, field: str) -> list[Slot]:
    """A text's next piece, or all of it once more at its end."""
    if what == "delta":
        return [Slot(key, text_of("delta", event.get("delta")))]
    return [Slot(key, text_of(field, event.get(field, "")), SlotRole.SNAPSHOT), Slot(key, "", SlotRole.END)]


def _ends(slots: Iterable[Slot]) -> list[Slot]:
    return [Slot(slot.key, "", SlotRole.END) for slot in slots if slot.role is SlotRole.SNAPSHOT]


def _item(contract: Contract, value: object, number: int, role: SlotRole) -> list[Slot]:
    if number >= CALLS:
        raise WireError("output: more items than an answer may have")
    kind, item = told_apart(contract, "item", value)
    if kind == "function_call":
        arguments = text_of("arguments", item.get("arguments", ""))
        return [*_heads(item, number), Slot(text_key(0, Channel.ARGUMENTS, number), arguments, role)]
    if kind == "custom_tool_call":
        said = text_of("input", item.get("input", ""))
        return [*_heads(item, number), Slot(input_key(0, number), said, role)]
    slots = _parts(contract, "part" if kind == "message" else "thoughts", item, "content", number, role)
    return _parts(contract, "thoughts", item, "summary", number, role) + slots


def _heads(item: Json, call: int) -> list[Slot]:
    """What names a call."""
    return [
        Slot(key(0, call), text_of(name, item[name]), SlotRole.WHOLE) for name, key in HEADS if item.get(name)
    ]


def _parts(
    contract: Contract, variants: str, item: Json, field: str, number: int, role: SlotRole
) -> list[Slot]:
    listed = list_of(field, item.get(field, []))
    if len(listed) > PARTS:
        raise WireError(f"{field}: more parts than an item may have")
    summary = int(field == "summary")
    return [
        _part(contract, variants, part, number, place, role, summary) for place, part in enumerate(listed)
    ]


def _part(
    contract: Contract,
    variants: str,
    value: object,
    item: int,
    place: int,
    role: SlotRole,
    summary: int = 0,
) -> Slot:
    kind, part = told_apart(contract, variants, value)
    channel = {"output_text": Channel.CONTENT, "refusal": Channel.REFUSAL}.get(kind, Channel.REASONING)
    field = "refusal" if kind == "refusal" else "text"
    text = text_of(field, part.get(field, ""))
    return Slot(text_key(0, channel, part_of(item, place, summary)), text, role)


def _index(event: Json, name: str, most: int) -> int:
    index = event.get(name)
    if type(index) is not int or not 0 <= index < most:
        raise WireError(f"{name}: out of range")
    return index
