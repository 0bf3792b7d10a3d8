"""The windows of many passages at once.

Rule: a passage shorter than a window is one window of its own length. One that also stands in a text that
must keep working tells nothing.
"""

from dataclasses import dataclass

import numpy as np

from index.rolling import Hashes
from index.table_builder import Flags, Innocent, TableBuilder
from index.words_of import Places, Words


@dataclass(frozen=True, slots=True)
class Windows:
    """`keys`: the digests of all windows of each passage, `counts` of them; `telling`: which of them tell
    anything.
    """

    words: Words
    keys: Hashes
    telling: Flags
    counts: Places

    @staticmethod
    def of(
        words: Words, window: int, builder: TableBuilder, innocent: Innocent, first_owner: int = 0
    ) -> "Windows":
        """Puts them into the builder; the owner of a window is its passage's number."""
        sizes = np.minimum(window, words.counts)
        counts = words.counts - sizes + 1
        begun = np.cumsum(counts) - counts
        owner = np.repeat(np.arange(len(counts)), counts)
        at = words.starts[owner] + np.arange(len(owner)) - begun[owner]
        keys, telling = np.empty(len(at), dtype=np.uint64), np.zeros(len(at), dtype=np.bool_)
        for size in np.unique(sizes).tolist():
            some = np.flatnonzero(sizes[owner] == size)
            columns = np.stack([words.hashes[at[some] + place] for place in range(size)])
            owners = (owner[some] + first_owner).astype(np.uint32)
            keys[some], telling[some] = builder.add_many(columns, owners, innocent)
        return Windows(words, keys, telling, counts)

    def kept(self) -> Places:
        """For each passage, how many of its windows tell anything."""
        found: Places = np.add.reduceat(self.telling, np.cumsum(self.counts) - self.counts, dtype=np.int64)
        return found

    def telling_from(self, places: Places) -> tuple[Places, Hashes]:
        """Of these words those whose window tells anything, and its digest: the last one of a passage where
        none begins with the word.
        """
        text = self.words.texts[places]
        window = np.minimum(places - self.words.starts[text], self.counts[text] - 1)
        window += (np.cumsum(self.counts) - self.counts)[text]
        kept = self.telling[window]
        return places[kept], self.keys[window[kept]]
