"""The answer to a count: a number, and nothing else comes back.

Rule: a prompt that is refused or redacted is counted by its length, as the usage of its answer counts it.
"""

from collections.abc import Sequence

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Choice, Heard, Said, WireError, cleaned
from gateway.wire.contract import Contract
from gateway.wire.request import Request
from gateway.wire.writer import Frame


def understood(contract: Contract, data: object, choices: int, streamed: bool) -> Heard:
    counted = cleaned(contract, "body", data).get("input_tokens")
    if type(counted) is not int:
        raise WireError("input_tokens: expected a number")
    return Heard([Said(0, [], "stop")], {"prompt_tokens": counted})


class CountWriter:
    """It is never streamed."""

    def __init__(self, _: Frame, __: Request) -> None:
        pass

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        return []

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        return []

    def ended(self, key: TextKey) -> list[Json]:
        return []

    def stopped(self, choice: int) -> None:
        pass

    def end(self, choice: int, finish: str) -> list[Json]:
        return []

    def last(self, usage: Json | None) -> list[Json]:
        return []

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json:
        return {"input_tokens": (usage or {}).get("prompt_tokens", 0)}
