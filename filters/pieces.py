"""What one request said of something forgotten without saying enough: a session adds it up.

Rule: a piece is numbers alone, made with the snapshot's key and the same in every generation of it. No text
and no entry can be read from one.
"""

from typing import NamedTuple


class Piece(NamedTuple):
    """`owner` is the number of an entry or of a passage, `piece` that of a fact, or of some words in a row.

    `bits` and `apart`: how much it tells; see `filters.mosaic`.
    """

    owner: int
    piece: int
    bits: int = 0
    apart: int = 0
