"""An API that answers with numbers, as a table of what differs from the others of its kind.

Rules: texts go in and are scanned like any prompt. What comes back is numbers alone: a text that an answer
repeats is replaced by what went on, and any other text in it is an error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from gateway.config import Limits
from gateway.errors import Json
from gateway.wire.answer import WireError, cleaned, list_of
from gateway.wire.contract import Contract
from gateway.wire.reading import expected, read
from gateway.wire.request import Request, named, parsed, size_of
from gateway.wire.spelled import spelled
from gateway.wire.usage import estimated, tokens, usage_of
from gateway.wire.writer import Frame

# By its index, what a row of an answer is about.
Rows = dict[int, Json]


@dataclass(frozen=True, slots=True)
class Measure:
    """`routes` are where clients find it, `path` where it is below the model server's address. `prompt` is
    the field that holds the texts. Of `asked`, one group of names of the same thing each, just one must be
    said. `tells` makes the answer of what the model server said and of what had gone on to it.
    """

    name: str
    routes: tuple[str, ...]
    path: str
    prefix: str
    prompt: str
    asked: tuple[tuple[str, ...], ...]
    contract: Contract
    tells: Callable[[Contract, Json, Json], Json]

    def read(self, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
        value = spelled(parsed(raw), self.prompt, limits.tokenizer)
        reading = read(self.contract, value, strip_unknown, limits.media)
        body, model = reading.body, reading.body.pop("model", None)
        for names in self.asked:
            _check(body, names, limits)
        return Request(
            body=body,
            segments=reading.segments,
            model=model if isinstance(model, str) else None,
            stream=False,
            choices=1,
            include_usage=False,
            machine_read=False,
            size=size_of(reading.segments),
            user=named(value, "user"),
        )

    def told(self, raw: bytes, sent: bytes, frame: Frame, size: int | None = None) -> bytes:
        """The answer, of the model server's body and of the body that had gone on. `size` is of the texts
        that came, where the model server counted others.
        """
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise WireError("is not JSON") from None
        body = cleaned(self.contract, "body", data)
        named = {"id": frame.id, "created": frame.created, "model": frame.model}
        told: Json = named | self.tells(self.contract, body, orjson.loads(sent))
        if "usage" in body:
            counted = usage_of(cleaned(self.contract, "usage", body["usage"]))
            guessed = estimated(tokens(size or 0), 0)
            told["usage"] = counted if size is None else {name: guessed[name] for name in counted or ()}
        return orjson.dumps(told)


def texts(sent: Json, *names: str) -> list[str]:
    """What stands in the field that was said of these."""
    found = next(sent[name] for name in names if name in sent)
    return found if isinstance(found, list) else [str(found)]


def rows(contract: Contract, shape: str, listed: object, most: int) -> Rows:
    """Each about one text that was sent, and none about the same."""
    found: Rows = {}
    for item in list_of(shape, listed):
        row = cleaned(contract, shape, item)
        index = row.get("index")
        if type(index) is not int or not 0 <= index < most or index in found:
            raise WireError(f"{shape}: an index that was not asked for")
        found[index] = row
    return found


def number(shape: str, value: object) -> int | float:
    if type(value) is not int and type(value) is not float:
        raise WireError(f"{shape}: expected a number")
    return value


def _check(body: Mapping[str, object], names: Sequence[str], limits: Limits) -> None:
    said = [name for name in names if body.get(name) is not None]
    if len(said) != 1:
        raise expected(f"one of {', '.join(names)}", (names[0],), "more" if said else "none")
    value = body[said[0]]
    count = len(value) if isinstance(value, list) else 1
    if not 1 <= count <= limits.messages:
        raise expected(f"1 to {limits.messages} texts", (said[0],), str(count))
