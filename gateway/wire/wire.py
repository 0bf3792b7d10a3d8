"""A wire: one API as a table of what differs from the others.

Rule: the engine that serves all of them knows an API by this table alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from gateway.config import Limits
from gateway.wire.answer import Heard, WireError
from gateway.wire.contract import Contract
from gateway.wire.framing import Framing
from gateway.wire.pieces import Pieces
from gateway.wire.request import Request
from gateway.wire.writer import Frame, Writer


@dataclass(frozen=True, slots=True)
class Wire:
    """`route` is where clients find it, `path` where it is below the model server's address. `prefix` begins
    the ids of its answers. `prompt` and `lengths` are the fields that hold the prompt, and that bound the
    answer. `reads` and `understands` depend on nothing but what they are given: they are called in other
    processes too.
    """

    name: str
    route: str
    path: str
    prefix: str
    prompt: str
    lengths: tuple[str, ...]
    contract: Contract
    reads: Callable[[Contract, bytes, Limits, bool], Request]
    understands: Callable[[Contract, object, int, bool], Heard]
    writer: Callable[[Frame, Request], Writer]
    framing: Callable[[], Framing]
    pieces: Callable[[Contract, int], Pieces] | None = None

    @property
    def biased(self) -> bool:
        """Whether a request can ask for tokens to be left out; others do not take what they do not know."""
        return "logit_bias" in self.contract.shapes[self.contract.root]

    def read(self, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
        return self.reads(self.contract, raw, limits, strip_unknown)

    def heard(self, raw: bytes, choices: int, streamed: bool) -> Heard:
        """What the model server says in an event, or in a body."""
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise WireError("is not JSON") from None
        return self.understands(self.contract, data, choices, streamed)
