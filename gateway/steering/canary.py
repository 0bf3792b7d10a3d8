"""Whether the engine steers: not what it says of itself, but what it does when it is told to.

Rule: the engine is told, under seal, to say tokens drawn by chance that no model would say, and to leave out
others that it was made to want more. Only an engine whose plug-in stands in the path of every token, and has
the key, answers with just these: without it the odds are one in 128 for each token.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum

import orjson

from gateway.errors import ApiError
from gateway.steering.directing import with_directive
from gateway.upstream.client import ERROR_BYTES, UpstreamClient
from steering.directive import Canary, Directive, seal

STEPS = 4
# Every vocabulary has them, and hardly one has its special tokens there.
TOKENS = range(128, 256)
# One of the tokens may end an answer all the same.
TRIES = 3
PATH = "chat/completions"
LASTS_S = 60.0
# The model server has no time now, or is not there: that says nothing.
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class Obeys(StrEnum):
    """`stale`: it steers by the artefact of another generation."""

    IN_FORCE = "in_force"
    STALE = "stale"
    NOT_IN_FORCE = "not_in_force"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks one model. `key` is the index key, `generation` the snapshot's."""

    client: UpstreamClient
    model: str
    key: bytes
    generation: int

    async def ask(self, now: float) -> Obeys:
        for _ in range(TRIES):
            obeys = await self._ask_once(drawn(), now)
            if obeys is not Obeys.NOT_IN_FORCE:
                return obeys
        return Obeys.NOT_IN_FORCE

    async def _ask_once(self, canary: Canary, now: float) -> Obeys:
        directive = Directive(frozenset(), generation=self.generation, canary=canary)
        body = with_directive(_question(self.model), seal(directive, self.key, now, LASTS_S))
        try:
            async with self.client.post(PATH, body, f"canary_{secrets.token_hex(8)}") as reply:
                if reply.status in BUSY:
                    return Obeys.UNREACHABLE
                said = _tokens(await reply.body(ERROR_BYTES)) if reply.status == 200 else None
        except ApiError as error:
            broken = error.code == "upstream_invalid"
            return Obeys.NOT_IN_FORCE if broken else Obeys.UNREACHABLE
        if said == canary.raised:
            return Obeys.IN_FORCE
        return Obeys.STALE if said == canary.stale else Obeys.NOT_IN_FORCE


def drawn() -> Canary:
    """At each step three tokens that differ."""
    chance = secrets.SystemRandom()
    raised, banned, stale = zip(*(chance.sample(TOKENS, 3) for _ in range(STEPS)), strict=True)
    return Canary(raised, banned, stale)


def _question(model: str) -> bytes:
    return orjson.dumps(
        {
            "model": model,
            "messages": [{"role": "user", "content": "Hello."}],
            "max_tokens": STEPS,
            "temperature": 0,
            "ignore_eos": True,
            "return_token_ids": True,
        }
    )


def _tokens(body: bytes) -> tuple[int, ...] | None:
    try:
        return tuple(orjson.loads(body)["choices"][0]["token_ids"])
    except (ValueError, KeyError, IndexError, TypeError):
        return None
