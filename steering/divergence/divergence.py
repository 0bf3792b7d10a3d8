"""What lowers the odds of saying what only the entries know: loaded once, asked at every token.

Rules: only the entries that the caller names act, and the caller names those whose subject is in sight;
nothing is ever raised; the arrays stay on disk and are shared by all processes that map them.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from index.snapshot import check_files
from steering.divergence.form import Form, linear, rank
from steering.divergence.manifest import DivergenceError, DivergenceManifest, read_manifest
from steering.divergence.ngrams import ends
from steering.divergence.pair import ORDER
from steering.divergence.table import Places, Table, Told, Words
from steering.divergence.vouched import Vouched
from steering.edit import Edit

# Sets of active entries whose words without context are kept at hand.
REMEMBERED = 1024


class Divergence:
    """`vouched`: what near misses say of their own subjects, for whoever follows the answer."""

    def __init__(
        self, manifest: DivergenceManifest, table: Table, key: bytes, vouched: Vouched | None = None
    ) -> None:
        self.manifest, self.vouched = manifest, vouched
        self._table, self._places = table, Places(key)
        # Most contexts are no entry's own: what is said everywhere is then all there is.
        self._anywhere = lru_cache(REMEMBERED)(self._read_anywhere)

    @classmethod
    def load(cls, folder: Path, key: bytes, tokenizer: str) -> Self:
        """For the tokenizer of this fingerprint. Raises DivergenceError."""
        manifest = read_manifest(folder)
        manifest.check(key, tokenizer)
        arrays = folder / str(manifest.generation)
        try:
            check_files(arrays, manifest.files, manifest.command)
            return cls(manifest, Table.load(arrays), key, Vouched.load(arrays, key))
        except (OSError, ValueError) as error:
            raise DivergenceError(str(error)) from None

    def edit(self, context_tokens: Sequence[int], active: Collection[int]) -> Edit:
        """After these tokens, for the entries of these numbers (`index.key.entry_number`)."""
        if not active:
            return Edit.nothing()
        numbers, anywhere, edit = self._anywhere(frozenset(active))
        contexts = [context for context in ends(context_tokens, ORDER - 1) if context]
        if not contexts:
            return edit
        where, masks = self._places.of(contexts, numbers)
        rows, hit = self._table.find(where)
        if not hit.any():
            return edit
        told = self._table.read(rows[hit], masks[hit], np.nonzero(hit)[0] + 1)
        return self._edit(anywhere.joined(told))

    def _read_anywhere(self, active: frozenset[int]) -> tuple[Words, Told, Edit]:
        """The entries' numbers, what they say after any context, and the edit that comes of this alone."""
        numbers = np.fromiter(active, np.uint64, len(active))
        where, masks = self._places.of([()], numbers)
        rows, hit = self._table.find(where)
        told = self._table.read(rows[hit], masks[hit], np.nonzero(hit)[0])
        return numbers, told, self._edit(told)

    def _edit(self, told: Told) -> Edit:
        if self.manifest.form is Form.RANK:
            return rank(told.found(), self.manifest.top)
        return linear(told.found(), self.manifest.alpha)
