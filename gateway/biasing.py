"""What a model server without our plug-in is asked to leave out: `logit_bias` and `bad_words` of a request.

Rules: only of the entries that the answer must keep clear of, and of none of which the conversation supplied
something that may be repeated. Never more than the settings allow, for more ends some engines; the client's
own biases give way. It makes answers better and nothing safer: the filters decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any, Final, TypeVar

import orjson

from gateway.config import Bias as Settings
from index.biases import Bias
from steering.directive import Directive

NEVER = -100.0
_NONE: Final[Any] = object()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Biasing:
    """`table` by the entries' numbers."""

    table: Mapping[int, Bias]
    settings: Settings

    def onto(self, body: bytes, directive: Directive) -> bytes:
        numbers = sorted((directive.active or frozenset()) - directive.allowed)
        biases = [self.table[number] for number in numbers if number in self.table]
        if not biases:
            return body
        asked = orjson.loads(body)
        tokens = _in_turn([bias.tokens for bias in biases], self.settings.logit_bias)
        words = _in_turn([bias.words for bias in biases], self.settings.bad_words)
        if tokens:
            asked["logit_bias"] = self._merged(asked.get("logit_bias"), tokens)
        if words:
            own = asked.get("bad_words") or []
            asked["bad_words"] = list(dict.fromkeys((*words, *own)))[: self.settings.bad_words]
        return orjson.dumps(asked)

    def _merged(self, own: object, tokens: Iterable[int]) -> dict[str, float]:
        merged = {str(token): NEVER for token in tokens}
        for token, by in own.items() if isinstance(own, dict) else ():
            if len(merged) < self.settings.logit_bias:
                merged.setdefault(token, float(by))
        return merged


def _in_turn(lists: Sequence[Sequence[T]], most: int) -> list[T]:
    """One of each, then a second of each: no entry's take the place of all of another's."""
    turns = chain.from_iterable(zip_longest(*lists, fillvalue=_NONE))
    return list(islice(dict.fromkeys(each for each in turns if each is not _NONE), most))
