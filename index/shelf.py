"""Where the arrays of a table are put while it is made: in memory, or in files of a folder.

Rule: what is put into files is never in memory whole, so that a snapshot may be larger than the memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
# The header of an array file is written last, when its length is known: it has room for any length.
_HEADER = 128
_MAGIC = b"\x93NUMPY\x01\x00"


class Shelf(Protocol):
    """Law (tests/index/test_shelf.py): both kinds hold the same arrays after the same calls."""

    def append(self, name: str, chunk: Array) -> None:
        """Put more rows behind those of this name."""

    def room(self, name: str, length: int, dtype: DTypeLike) -> Array:
        """An array of zeros of this name, to be written in place."""

    def scratch(self, name: str, length: int, dtype: DTypeLike) -> Array:
        """The same, but nothing of it is kept."""

    def note(self, name: str, text: str) -> None:
        """A page of text."""

    @property
    def spare(self) -> Path | None:
        """A folder for what is put down for a while; None: nothing need be."""


class MemoryShelf:
    __slots__ = ("_arrays", "notes")

    def __init__(self) -> None:
        self._arrays: dict[str, list[Array]] = {}
        self.notes: dict[str, str] = {}

    @property
    def spare(self) -> Path | None:
        return None

    def append(self, name: str, chunk: Array) -> None:
        self._arrays.setdefault(name, []).append(np.ascontiguousarray(chunk))

    def room(self, name: str, length: int, dtype: DTypeLike) -> Array:
        array = np.zeros(length, dtype=dtype)
        self._arrays[name] = [array]
        return array

    def scratch(self, name: str, length: int, dtype: DTypeLike) -> Array:
        return np.zeros(length, dtype=dtype)

    def note(self, name: str, text: str) -> None:
        self.notes[name] = text

    def __getitem__(self, name: str) -> Array:
        found = self._arrays[name]
        return found[0] if len(found) == 1 else np.concatenate(found)


class FolderShelf:
    """Arrays as `.npy` files. Whole when it is left. `spare`: a folder for what is put down for a while."""

    def __init__(self, folder: Path, spare: Path) -> None:
        self._folder, self._spare = folder, spare
        self._open: dict[str, _Growing] = {}

    def append(self, name: str, chunk: Array) -> None:
        if name not in self._open:
            self._open[name] = _Growing(self._folder / f"{name}.npy", chunk)
        self._open[name].append(chunk)

    def room(self, name: str, length: int, dtype: DTypeLike) -> Array:
        return _mapped(self._folder / f"{name}.npy", length, dtype)

    def scratch(self, name: str, length: int, dtype: DTypeLike) -> Array:
        return _mapped(self._spare / f"{name}.npy", length, dtype)

    @property
    def spare(self) -> Path | None:
        return self._spare

    def note(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="ascii")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for growing in self._open.values():
            growing.close()


@contextmanager
def folder_shelf(folder: Path) -> Iterator[FolderShelf]:
    """What is put down for a while is gone afterwards."""
    with TemporaryDirectory(prefix=".spare-", dir=folder) as spare, FolderShelf(folder, Path(spare)) as shelf:
        yield shelf


def _mapped(path: Path, length: int, dtype: DTypeLike) -> Array:
    if not length:
        # Nothing cannot be mapped.
        np.save(path, np.zeros(0, dtype=dtype), allow_pickle=False)
        return np.zeros(0, dtype=dtype)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=(length,))


class _Growing:
    """An array file whose rows come bit by bit."""

    __slots__ = ("_dtype", "_file", "_row", "_rows")

    def __init__(self, path: Path, like: Array) -> None:
        self._dtype, self._row, self._rows = like.dtype, like.shape[1:], 0
        self._file: BinaryIO = path.open("wb")
        self._file.write(bytes(_HEADER))

    def append(self, chunk: Array) -> None:
        if (chunk.dtype, chunk.shape[1:]) != (self._dtype, self._row):
            raise ValueError(f"expected rows of {self._dtype}{self._row}, got {chunk.dtype}{chunk.shape[1:]}")
        self._rows += len(chunk)
        self._file.write(np.ascontiguousarray(chunk).data)

    def close(self) -> None:
        said = {"descr": self._dtype.str, "fortran_order": False, "shape": (self._rows, *self._row)}
        text = repr(said).encode("latin-1").ljust(_HEADER - len(_MAGIC) - 3) + b"\n"
        self._file.seek(0)
        self._file.write(_MAGIC + len(text).to_bytes(2, "little") + text)
        self._file.close()
