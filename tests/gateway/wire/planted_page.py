"""The page of what was planted in the answers of vLLM: how many strings, and which of them clients ever get.

Rule: it is written of a whole run alone, where `make check-long` asks for results.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = """# A forgotten text in every string that vLLM says

Made by `tests/gateway/wire/test_vllm_contracts.py` in `make check-long`. Every string of every model that the
installed vLLM answers with held a forgotten text, once beside all that may stand there and once beside what
must, closed lists and tags too. "Reads" counts the strings that a client gets where nothing is forgotten; all
others are dropped, are the gateway's own, or end the answer. "Out" counts those by which the text came out.

| API | model | answer | strings | reads | out |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """Of one model: what came out where the text is forgotten, and what where nothing is."""

    wire: str
    model: str
    streamed: bool
    strings: int
    out: frozenset[str]
    read: frozenset[str]


def save(tried: Sequence[Tried]) -> None:
    """Write the page below UNSAY_RESULTS, if that is set."""
    if folder := os.environ.get("UNSAY_RESULTS"):
        Path(folder, "planted.md").write_text(page(tried))


def page(tried: Sequence[Tried]) -> str:
    return HEAD + "".join(map(_row, tried)) + "\n" + "".join(map(_places, tried))


def _row(one: Tried) -> str:
    answer = "streamed" if one.streamed else "whole"
    return f"| {one.wire} | {one.model} | {answer} | {one.strings} | {len(one.read)} | {len(one.out)} |\n"


def _places(one: Tried) -> str:
    listed = "".join(f"- `{place}`\n" for place in sorted(one.read))
    return f"## Read by clients of {one.wire}: {one.model}\n{listed}\n" if listed else ""
