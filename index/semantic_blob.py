"""A semantic segment as bytes: sealed under the index key, readable by nobody without it.

Rule: nothing is parsed before the seal is checked, and no more than `LARGEST` bytes are looked at.
"""

import json
import os
from io import BytesIO
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from index.forgets import Forgets
from index.hash_lists import flat, lists
from index.key import subkey
from index.semantic_offset import Counted, Reach
from index.semantic_segment import SemanticEntry, SemanticSegment, Timing
from index.similarity import Line

FORMAT = b"unsay semantic 1\n"
NONCE = 12
LARGEST = 1 << 29


class SemanticSegmentError(ValueError):
    """Bytes that are no semantic segment, or one of another key; says no more."""


def to_bytes(segment: SemanticSegment, key: bytes) -> bytes:
    file, nonce = BytesIO(), os.urandom(NONCE)
    np.savez(file, **_arrays(segment))
    return FORMAT + nonce + _cipher(key).encrypt(nonce, file.getvalue(), FORMAT)


def from_bytes(data: bytes, key: bytes) -> SemanticSegment:
    """Raises SemanticSegmentError."""
    if len(data) > LARGEST or not data.startswith(FORMAT):
        raise SemanticSegmentError(
            "expected a semantic segment, found other bytes; compile the request again"
        )
    nonce, sealed = data[len(FORMAT) :][:NONCE], data[len(FORMAT) + NONCE :]
    try:
        plain = _cipher(key).decrypt(nonce, sealed, FORMAT)
    except (InvalidTag, ValueError):
        raise SemanticSegmentError(
            "a semantic segment was changed, or is sealed under another key; compile the request again"
        ) from None
    with np.load(BytesIO(plain), allow_pickle=False) as arrays:
        return _segment(arrays)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(subkey(key, "semantic segment"))


def _arrays(segment: SemanticSegment) -> dict[str, Any]:
    facts = {
        "encoder": segment.encoder,
        "ground": segment.ground,
        "timing": [segment.timing.texts, segment.timing.encoder_s, segment.timing.total_s],
        "entries": [[one.id, one.reach.generic, _triples(one.reach.others), _pairs(one.reach.own)]
                    for one in segment.entries],
    }  # fmt: skip
    return {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "neighbours": segment.neighbours.astype(np.float16),
        **flat("questions", sorted(segment.forgets.questions)),
        **flat("subjects", sorted(segment.forgets.subjects)),
        **flat("dates", [entry.dates for entry in segment.entries]),
        **{f"rows_{place}": entry.rows.astype(np.float16) for place, entry in enumerate(segment.entries)},
        **{f"items_{place}": entry.items for place, entry in enumerate(segment.entries)},
    }


def _segment(arrays: Any) -> SemanticSegment:
    facts = json.loads(arrays["facts"].tobytes())
    questions, subjects = (frozenset(map(tuple, lists(name, arrays))) for name in ("questions", "subjects"))
    dates = list(map(tuple, lists("dates", arrays)))
    entries = tuple(_entry(arrays, place, one, dates[place]) for place, one in enumerate(facts["entries"]))
    neighbours, forgets = np.asarray(arrays["neighbours"], np.float32), Forgets(questions, subjects)
    timing = Timing(*facts["timing"])
    return SemanticSegment(facts["encoder"], facts["ground"], entries, neighbours, forgets, timing)


def _entry(arrays: Any, place: int, facts: Any, dates: tuple[int, ...]) -> SemanticEntry:
    name, generic, others, own = facts
    rows, items = np.asarray(arrays[f"rows_{place}"], np.float32), arrays[f"items_{place}"]
    return SemanticEntry(name, rows, items, dates, Reach(generic, tuple(map(_counted, others)), _lines(own)))


def _triples(found: tuple[Counted, ...]) -> list[tuple[float, float, bool]]:
    return [(one.line.threshold, one.line.rise, one.carries) for one in found]


def _counted(found: tuple[float, float, bool]) -> Counted:
    threshold, rise, carries = found
    return Counted(Line(threshold, rise), carries)


def _pairs(found: tuple[Line, ...]) -> list[tuple[float, float]]:
    return [(line.threshold, line.rise) for line in found]


def _lines(found: list[tuple[float, float]]) -> tuple[Line, ...]:
    return tuple(Line(*one) for one in found)
