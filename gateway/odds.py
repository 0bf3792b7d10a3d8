"""How likely a model found the tokens that it said, told again for what is released of them.

Rules: of the model server there are numbers only. The words beside them are those of the text as it goes out,
and no other token that was thought of is told. From where a text goes out otherwise than it came, nothing
more is told of that choice.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from filters.answer_guard import TextKey
from gateway.config import Config, LogProbs
from gateway.errors import Json
from gateway.prompt import Scanned
from gateway.wire.answer import Choice, Said, Slot, SlotRole, Token
from gateway.wire.request import Request
from gateway.wire.writer import Writer
from policy.surface import Channel

# So many tokens may come before the text that they make, as when they are parts of one character.
AHEAD = 64


@dataclass(slots=True)
class Odds:
    """Of one text. `came` is what was said and not yet released; `left` what was released, of whose tokens
    some are still held.
    """

    came: bytearray = field(default_factory=bytearray)
    left: bytearray = field(default_factory=bytearray)
    tokens: deque[Token] = field(default_factory=deque)
    lost: bool = False

    def heard(self, text: str, tokens: Sequence[Token]) -> None:
        if self.lost:
            return
        self.came += text.encode()
        self.tokens.extend(tokens)
        if len(self.tokens) > len(self.came) + len(self.left) + AHEAD:
            self.lose()

    def released(self, text: str) -> list[Json]:
        """The tokens that are out now, all of each."""
        data = text.encode()
        if self.lost or not self.came.startswith(data):
            self.lose()
            return []
        del self.came[: len(data)]
        self.left += data
        told: list[Json] = []
        while self.tokens and len(self.tokens[0].data) <= len(self.left):
            token = self.tokens.popleft()
            if not self.left.startswith(token.data):
                self.lose()
                return told
            del self.left[: len(token.data)]
            told.append(_told(token))
        if self.left and not self.tokens:
            self.lose()
        return told

    def lose(self) -> None:
        self.lost = True
        self.came.clear()
        self.left.clear()
        self.tokens.clear()


@runtime_checkable
class Telling(Protocol):
    """A writer of an API in which odds can be told."""

    def likely(self, choice: int, told: list[Json]) -> None:
        """Of a choice, what stands beside the text that is written next."""


class AnswerOdds:
    """Of all choices of one answer. Of what a model says, its content alone."""

    def __init__(self, writer: Telling) -> None:
        self._writer = writer
        self._texts: dict[TextKey, Odds] = {}

    def heard(self, one: Said) -> None:
        """Before any of it is released. Where tokens make several texts nobody knows which is whose."""
        match one.slots:
            case [Slot(key, text, SlotRole.DELTA)] if key.channel is Channel.CONTENT:
                self._of(key).heard(text, one.tokens)
            case slots:
                for slot in slots:
                    if slot.text:
                        self._of(slot.key).lose()

    def released(self, key: TextKey, text: str) -> None:
        if text and key.channel is Channel.CONTENT and (told := self._of(key).released(text)):
            self._writer.likely(key.choice, told)

    def whole(self, said: Sequence[Said], choices: Sequence[Choice]) -> None:
        """An answer that is there whole."""
        for one in said:
            self.heard(one)
        for key, text in (text for choice in choices for text in choice.texts):
            self.released(key, text)

    def _of(self, key: TextKey) -> Odds:
        return self._texts.setdefault(key, Odds())


def odds_of(config: Config, request: Request, scanned: Scanned, writer: Writer) -> AnswerOdds | None:
    """None where they are not told: nobody asked, or the prompt says anything of what is forgotten.

    Odds would tell more of that than words do: how nearly the model said it.
    """
    if config.logprobs is LogProbs.DROP or not request.odds or not isinstance(writer, Telling):
        return None
    report = scanned.report
    near = report.findings or report.evidence or report.active or report.pieces or scanned.near
    return None if near or report.left_out else AnswerOdds(writer)


def with_odds(body: bytes) -> bytes:
    """The body, an object that is not empty, asking for the odds of what is said and of nothing else."""
    return b'{"logprobs":true,%b' % body[1:]


def _told(token: Token) -> Json:
    said = token.data.decode(errors="replace")
    return {"token": said, "logprob": token.logprob, "bytes": list(token.data), "top_logprobs": []}
