"""For each text to forget the one to keep that is most like it, by the product's own encoder and index.

Rule: a text that is itself to be forgotten is never its own neighbour, or learning would undo forgetting.
"""

from collections.abc import Sequence

from index.encoder import Encoder
from index.vector_index import VectorIndex


def nearest(forget: Sequence[str], retain: Sequence[str], encoder: Encoder) -> list[int]:
    """Places in `retain`, one for each of `forget`."""
    if not forget:
        return []
    forgotten = set(forget)
    allowed = [place for place, text in enumerate(retain) if text not in forgotten]
    if not allowed:
        raise ValueError("expected a text to retain that is not to be forgotten, found none")
    rows = VectorIndex.build(encoder.encode([retain[place] for place in allowed]))
    _, found = rows.search(encoder.encode(list(forget)), 1)
    return [allowed[row] for row in found[:, 0]]
