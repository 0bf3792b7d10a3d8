"""What the gateway tells the engine about one request, sealed so that nobody else can.

Rules:
1. A directive is taken whole or not at all: one bit changed, a moment too late, a version or a field that is
   not known, and it is refused. What the engine then does is the strict default, never nothing.
2. It names entries by their keyed numbers only, and its size is bounded. Who has more entries to list says
   "all", which is stricter.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from index.key import subkey

VERSION = 1
# The name under which it travels among `vllm_xargs`.
ARGUMENT = "unsay"
MOST_ENTRIES = 256
MOST_TOKENS = 16
LARGEST, LARGEST_TOKEN = 1 << 63, 1 << 31
LONGEST = 16_384
# Nothing that is asked of an engine takes longer than a day.
LONGEST_S = 86_400.0
_PURPOSE, _SEAL = "steering directive", 64
_FIELDS = frozenset({"version", "until", "active", "allowed", "strength", "generation", "canary"})


class DirectiveError(ValueError):
    """The directive is none. Says why, and never repeats anything of it."""


@dataclass(frozen=True, slots=True)
class Canary:
    """Tokens that no model would say by itself, by which the engine shows that it obeys, one for each step.

    `banned` are raised most of all and then banned, so what comes out is `raised`; or `stale`, where the
    engine's artefact is of another generation than the directive.
    """

    raised: tuple[int, ...]
    banned: tuple[int, ...]
    stale: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Directive:
    """`active`: the entries that are steered; None is all there are. `allowed`: those of them of which what
    stands in the prompt may be said again. `strength`: of the divergence; bans know no strength.
    """

    active: frozenset[int] | None = None
    allowed: frozenset[int] = frozenset()
    strength: float = 1.0
    generation: int = 0
    canary: Canary | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done for the request."""
        return self.canary is None and self.active is not None and not self.active


def seal(directive: Directive, key: bytes, now: float, lasts_s: float) -> str:
    """`key` is the index key. Raises DirectiveError for what could not be opened again."""
    body = json.dumps(_written(directive, now + lasts_s), separators=(",", ":"))
    sealed = _seal(key, body.encode()) + body
    open_directive(sealed, key, now)
    return sealed


def open_directive(text: object, key: bytes, now: float) -> Directive:
    """What the gateway said. Raises DirectiveError for anything that it did not say, or not of late."""
    body = _checked(text, key)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise DirectiveError("directive: is not JSON") from None
    if not isinstance(found, dict) or type(found.get("version")) is not int:
        raise DirectiveError("directive: expected a version")
    if found["version"] != VERSION:
        raise DirectiveError(f"directive: expected version {VERSION}, found {found['version']}")
    if found.keys() != _FIELDS:
        raise DirectiveError("directive: expected other fields")
    _check_time(found["until"], now)
    return _read(found)


def _seal(key: bytes, body: bytes) -> str:
    return hmac.digest(subkey(key, _PURPOSE), body, "sha256").hex()


def _checked(text: object, key: bytes) -> bytes:
    """The body of a text whose seal is right."""
    if not isinstance(text, str):
        raise DirectiveError("directive: expected a text")
    if not _SEAL < len(text) <= LONGEST:
        raise DirectiveError(f"directive: expected {_SEAL + 1} to {LONGEST} characters, found {len(text)}")
    if not text.isascii():
        raise DirectiveError("directive: expected ASCII")
    body = text[_SEAL:].encode()
    if not hmac.compare_digest(text[:_SEAL], _seal(key, body)):
        raise DirectiveError("directive: the seal is not right for this key")
    return body


def _check_time(until: object, now: float) -> None:
    if type(until) not in (int, float) or not isfinite(until):  # type: ignore[arg-type]
        raise DirectiveError("directive: until: expected a time")
    left = float(until) - now  # type: ignore[arg-type]
    if left <= 0:
        raise DirectiveError("directive: is too old; do the clocks of gateway and engine agree?")
    if left > LONGEST_S:
        raise DirectiveError(f"directive: expected a life of at most {LONGEST_S:g} s")


def _written(directive: Directive, until: float) -> dict[str, object]:
    canary = directive.canary
    return {
        "version": VERSION,
        "until": round(until, 3),
        "active": None if directive.active is None else sorted(directive.active),
        "allowed": sorted(directive.allowed),
        "strength": directive.strength,
        "generation": directive.generation,
        "canary": canary and [canary.raised, canary.banned, canary.stale],
    }


def _read(found: Mapping[str, Any]) -> Directive:
    active = found["active"]
    strength = found["strength"]
    if type(strength) not in (int, float) or not 0 <= strength <= 1:
        raise DirectiveError("directive: strength: expected a number from 0 to 1")
    directive = Directive(
        active=None if active is None else frozenset(_numbers("active", active, MOST_ENTRIES)),
        allowed=frozenset(_numbers("allowed", found["allowed"], MOST_ENTRIES)),
        strength=float(strength),
        generation=_numbers("generation", [found["generation"]], 1)[0],
        canary=_canary(found["canary"]),
    )
    if directive.active is not None and not directive.allowed <= directive.active:
        raise DirectiveError("directive: allowed: expected entries that are active")
    return directive


def _canary(found: object) -> Canary | None:
    if found is None:
        return None
    if not isinstance(found, list) or len(found) != 3:
        raise DirectiveError("directive: canary: expected three lists")
    raised, banned, stale = (_numbers("canary", tokens, MOST_TOKENS, LARGEST_TOKEN) for tokens in found)
    if not 0 < len(raised) == len(banned) == len(stale):
        raise DirectiveError("directive: canary: expected three lists of one length")
    return Canary(raised, banned, stale)


def _numbers(name: str, found: object, most: int, below: int = LARGEST) -> tuple[int, ...]:
    if not isinstance(found, list) or len(found) > most:
        raise DirectiveError(f"directive: {name}: expected a list of at most {most}")
    if not all(type(each) is int and 0 <= each < below for each in found):
        raise DirectiveError(f"directive: {name}: expected whole numbers below {below}")
    return tuple(found)
