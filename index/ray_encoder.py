"""Encodes on many machines with Ray Data: an Encoder that shares its texts out to others of its kind.

Rule: it is the encoder that it is made of: name, fingerprint and rows are that one's, in the texts' order.
The machines of the cluster read the texts.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from index.encoder import Encoder, EncoderError, Rows

# Texts that one encoder reads at a time.
BATCH = 256


@dataclass(frozen=True)
class RayEncoder:
    """`make` makes an encoder, one in each process. The cluster is RAY_ADDRESS's, or this machine."""

    make: Callable[[], Encoder]
    encoders: int

    @property
    def name(self) -> str:
        return self._one.name

    @property
    def dimension(self) -> int:
        return self._one.dimension

    @property
    def fingerprint(self) -> str:
        return self._one.fingerprint

    def encode(self, texts: Sequence[str]) -> Rows:
        if len(texts) <= BATCH:
            return self._one.encode(texts)
        ray = self._cluster
        said = [{"place": place, "text": text} for place, text in enumerate(texts)]
        dataset = ray.data.from_items(said, override_num_blocks=-(-len(said) // BATCH))
        encoded = dataset.map_batches(
            _Actor, fn_constructor_args=(self.make,), concurrency=self.encoders, batch_size=BATCH
        )
        rows = np.empty((len(texts), self.dimension), np.float32)
        seen = 0
        for batch in encoded.iter_batches(batch_size=None, batch_format="numpy"):
            rows[batch["place"]] = np.stack(list(batch["row"]))
            seen += len(batch["place"])
        if seen != len(texts):
            raise EncoderError(f"expected {len(texts)} vectors from the cluster, found {seen}")
        return rows

    @cached_property
    def _one(self) -> Encoder:
        return self.make()

    @cached_property
    def _cluster(self) -> Any:
        # It would tell its makers that it is used.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
            import ray.data
        except ImportError:
            raise EncoderError("Ray is not installed: pip install 'unsay[ray]'") from None
        if not ray.is_initialized():
            ray.init(include_dashboard=False, log_to_driver=False, configure_logging=False)
        # Its bars would stand in the way of ours.
        ray.data.DataContext.get_current().enable_progress_bars = False
        return ray


class _Actor:
    """One encoder in a process of the cluster."""

    def __init__(self, make: Callable[[], Encoder]) -> None:
        self._encoder = make()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"place": batch["place"], "row": self._encoder.encode(batch["text"].tolist())}
