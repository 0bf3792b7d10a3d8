"""Turned vectors of the texts of the last build, in a file of the snapshot's folder, for the next one.

Rules: a row stands under a keyed digest of its text, with a seal of its own: a changed, cut or foreign record
is as if it were not there, and its text is encoded again. Rows are appended as they are made, so a build that
was killed loses none. What a whole build did not ask for goes: the file must not remember what nobody forgets
any more.
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder, Rows
from index.key import subkey
from index.kind import PARTS

SIZE = 16
_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


def kept_file(snapshot: Path) -> Path:
    """Beside what is compiled of the texts otherwise."""
    return snapshot / PARTS / "encodings"


@contextmanager
def keep_rows(path: Path, encoder: Encoder | None, key: bytes) -> Iterator["KeptRows | None"]:
    """None without an encoder, and while another build has the file. It is tidied where no error comes."""
    if encoder is None or (path.exists() and not path.is_file()):
        yield None
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, _OPEN, 0o600)
    try:
        kept = KeptRows(path, descriptor, encoder, key) if _is_free(descriptor) else None
        yield kept
        if kept is not None:
            kept.tidy()
    finally:
        os.close(descriptor)


class KeptRows:
    """Records: the digest of a text, a seal over digest and row, the row."""

    def __init__(self, path: Path, descriptor: int, encoder: Encoder, key: bytes) -> None:
        self._path, self._descriptor = path, descriptor
        self._secret = blake2b(encoder.fingerprint.encode(), key=subkey(key, "encodings")).digest()
        self._width = 2 * SIZE + 4 * encoder.dimension
        self._records = self._read()
        digests = np.ascontiguousarray(self._records[:, :SIZE])
        self._places = {digest.tobytes(): place for place, digest in enumerate(digests)}
        self._asked: set[bytes] = set()

    def get(self, text: str) -> Rows | None:
        digest = self._digest(text)
        self._asked.add(digest)
        place = self._places.get(digest)
        if place is None:
            return None
        record = self._records[place].tobytes()
        whole = hmac.compare_digest(record[SIZE : 2 * SIZE], self._seal(digest, record[2 * SIZE :]))
        return np.frombuffer(record, "<f4", offset=2 * SIZE) if whole else None

    def add(self, texts: Sequence[str], rows: Rows) -> None:
        """What was asked for and not found."""
        with os.fdopen(os.dup(self._descriptor), "ab") as file:
            for text, row in zip(texts, rows, strict=True):
                digest, said = self._digest(text), np.asarray(row, "<f4").tobytes()
                file.write(digest + self._seal(digest, said) + said)

    def tidy(self) -> None:
        """Only what was asked for stays, each once."""
        records = self._read()
        digests = [digest.tobytes() for digest in np.ascontiguousarray(records[:, :SIZE])]
        last = {digest: place for place, digest in enumerate(digests) if digest in self._asked}
        if len(last) == len(digests):
            return
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, _OPEN | os.O_EXCL, 0o600), "wb") as file:
                for place in last.values():
                    file.write(records[place])
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self) -> NDArray[np.uint8]:
        """Of a file that was cut off, what is whole; a cut end is taken off, or what comes would not fit."""
        count = os.fstat(self._descriptor).st_size // self._width
        os.ftruncate(self._descriptor, count * self._width)
        if not count:
            return np.zeros((0, self._width), np.uint8)
        return np.memmap(self._path, np.uint8, "r", shape=(count, self._width))

    def _digest(self, text: str) -> bytes:
        return blake2b(
            text.encode("utf-8", "surrogatepass"), digest_size=SIZE, key=self._secret, person=b"text"
        ).digest()

    def _seal(self, digest: bytes, row: bytes) -> bytes:
        return blake2b(digest + row, digest_size=SIZE, key=self._secret, person=b"row").digest()


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
