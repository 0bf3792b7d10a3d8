"""What a made-up model says of a request: the same for all APIs, drawn from a number."""

import itertools
import json
from dataclasses import dataclass
from random import Random

SAID = """a lamp turns slowly over the harbour and its light warns ships of rocks at night, every tower has
rhythm (so) they say: "stone", rain… bread; 港町 é 🌧 42 {} \\ <b>"""
WORDS = SAID.split()
NAMES = ("look", "get_rain", "call_7")


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    id: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One choice: texts in pieces, of which any may be empty. `cut`: its length ended it."""

    thought: tuple[str, ...]
    text: tuple[str, ...]
    calls: tuple[Call, ...]
    cut: bool


def said_by(rng: Random, calls: bool = True) -> Said:
    made = tuple(_call(rng) for _ in range(rng.randint(1, 2))) if calls and rng.random() < 0.4 else ()
    thought = _pieces(rng, _text(rng)) if rng.random() < 0.4 else ()
    text = _pieces(rng, _text(rng)) if not made or rng.random() < 0.5 else ()
    return Said(thought, text, made, not made and rng.random() < 0.2)


def _text(rng: Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 25)))


def _call(rng: Random) -> Call:
    said = {name: _text(rng) for name in rng.sample(NAMES, rng.randint(0, 2))}
    written = json.dumps(said, ensure_ascii=rng.random() < 0.5)
    return Call(rng.choice(NAMES), f"call_{rng.getrandbits(32):x}", _pieces(rng, written))


def _pieces(rng: Random, text: str) -> tuple[str, ...]:
    """Cut anywhere, in the middle of words too."""
    places = sorted(rng.randint(0, len(text)) for _ in range(rng.randint(0, 6)))
    edges = [0, *places, len(text)]
    return tuple(text[first:last] for first, last in itertools.pairwise(edges))
