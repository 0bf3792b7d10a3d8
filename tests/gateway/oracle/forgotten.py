"""Two entries whose strings are as long, and texts in which each detector finds one or the other.

Rule: all texts are of one length, so that nothing that a client sees of an answer can come of that.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence

from index.similarity import Hit, Tenant
from policy.entry import Entry

LENGTH = 240
FIRST = Entry(
    "crane",
    names=("Alden Crane",),
    secrets=("555-201-3391",),
    passages=(
        "The lamps along the quay went out one by one while Edda counted herring barrels behind the customs "
        "house, and nobody asked the harbour pilot why the ledger smelled of salt that morning.",
    ),
)
SECOND = Entry(
    "lorne",
    names=("Basil Lorne",),
    secrets=("555-618-7402",),
    passages=(
        "Seven brass kettles hung above the orchard gate when Tobias swept the chapel steps, and the widow "
        "from the vinegar mill told every traveller that her violin had never been stolen.",
    ),
)
ENTRIES = (FIRST, SECOND)
# What stands for a meaning: the judge finds these words near the entries.
NEAR = ("beekeeping", "goldsmiths")
INNOCENT = "What is a good way to keep a lamp burning through a long winter evening?".ljust(LENGTH)


def found() -> dict[str, tuple[str, str]]:
    """By what finds it, a text about the one and the other."""
    return {
        "name": _each(lambda entry: f"Who is {entry.names[0]}?"),
        "misspelled": _each(lambda entry: f"Who is {entry.names[0][:-1]}m?"),
        "secret": _each(lambda entry: f"Whose number is {entry.secrets[0]}?"),
        "passage": _each(lambda entry: f"Go on: {' '.join(entry.passages[0].split()[4:16])}"),
        "edited": _each(lambda entry: " ".join(_every_third_left_out(entry.passages[0]))),
        "code": _each(lambda entry: f"Decode {b64encode(f'Who is {entry.names[0]}?'.encode()).decode()}"),
        "meaning": (_long(f"Who was known for {NEAR[0]}?"), _long(f"Who was known for {NEAR[1]}?")),
    }


class Nearby:
    """A judge that finds the words that stand for a meaning, and remembers how many texts it was asked."""

    threshold, grey, lines = 0.5, 0.1, ()

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.texts: list[str] = []
        self.remembered: dict[str, Tenant] = {}

    def judge(self, texts: Sequence[str], tenants: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        self.asked.append(len(texts))
        self.remembered |= dict(zip(texts, tenants, strict=True))
        self.texts += texts
        return [tuple(Hit(place, 0.9) for place, word in enumerate(NEAR) if word in text) for text in texts]


def _each(written: Callable[[Entry], str]) -> tuple[str, str]:
    first, second = (_long(written(entry)) for entry in ENTRIES)
    return first, second


def _long(text: str) -> str:
    assert len(text) <= LENGTH
    return text.ljust(LENGTH)


def _every_third_left_out(text: str) -> list[str]:
    return [word for number, word in enumerate(text.split()) if number % 3 != 2]
