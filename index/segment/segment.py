"""What a forget request is compiled into: hashes of its texts, from which snapshots are merged without them.

Rule: it is sealed with the key as a whole and each array of it apart. Bytes that were made with another key,
or changed, are refused before anything in them is read; and an array is opened only when it is asked for.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from secrets import token_bytes
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from index.columns import Columns
from index.key import subkey
from index.manifest import ManifestEntry, fold_version
from index.segment.error import SegmentError
from index.segment.settings import Settings

MAGIC = b"unsay segment 1\n"
_SALT, _TAG = 16, 16
_LENGTH = struct.Struct("<I")
_DTYPES = frozenset(("<u8", "<u4", "<f4", "|u1"))

Array = NDArray[Any]


class _Described(BaseModel):
    """An array: so many rows of so many numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dtype: str
    rows: int
    width: int

    @property
    def bytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.rows * self.width


class Header(BaseModel):
    """`goes_on`: its first entry is the last one of the segment before. `sources`: of how many sources the
    texts are that must keep working, beside which it was compiled.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fold: str
    settings: Settings
    sources: int
    goes_on: bool = False
    entries: tuple[ManifestEntry, ...]


class _Sealed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Header
    arrays: tuple[_Described, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    header: Header
    columns: Columns

    @property
    def entries(self) -> tuple[ManifestEntry, ...]:
        return self.header.entries

    def check(self) -> None:
        """Open every array once. Raises SegmentError."""
        for name in self.columns.sizes:
            self.columns[name]

    def to_bytes(self, key: bytes) -> bytes:
        return b"".join(self.pieces(key))

    def pieces(self, key: bytes) -> Iterator[bytes]:
        """The same, array by array."""
        salt = token_bytes(_SALT)
        cipher, nonces = _cipher(key, salt), map(_nonce, count())
        arrays = {name: np.ascontiguousarray(self.columns[name]) for name in sorted(self.columns.sizes)}
        described = tuple(map(_described, arrays, arrays.values()))
        page = _Sealed(header=self.header, arrays=described).model_dump_json().encode()
        sealed = cipher.encrypt(next(nonces), page, MAGIC)
        yield MAGIC + salt + _LENGTH.pack(len(sealed)) + sealed
        for array in arrays.values():
            yield cipher.encrypt(next(nonces), array.tobytes(), None)

    @staticmethod
    def from_bytes(
        data: bytes | memoryview, key: bytes, forget: Callable[[], object] = lambda: None
    ) -> "Segment":
        """Raises SegmentError. `data` may be a mapped file, of which only what is asked for is read; `forget`
        is called after each time, so that it need not stay in memory.
        """
        begin = len(MAGIC) + _SALT + _LENGTH.size
        if len(data) < begin or bytes(data[: len(MAGIC)]) != MAGIC:
            raise SegmentError("expected a segment of this version, found something else; compile it again")
        cipher = _cipher(key, bytes(data[len(MAGIC) : len(MAGIC) + _SALT]))
        end = begin + _LENGTH.unpack(data[begin - _LENGTH.size : begin])[0]
        sealed = _read(_open(cipher, 0, data[begin:end], MAGIC))
        opener = _Opener(cipher, data, _placed(sealed.arrays, end, len(data)), forget)
        return Segment(_of_this_version(sealed.header), opener)


@dataclass(frozen=True, slots=True)
class _Opener:
    """The arrays of a sealed segment."""

    cipher: AESGCM
    data: bytes | memoryview
    places: Mapping[str, tuple[int, int, _Described]]
    forget: Callable[[], object]
    sizes: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        sizes = {name: described.rows for name, (_, _, described) in self.places.items()}
        object.__setattr__(self, "sizes", sizes)

    def __getitem__(self, name: str) -> Array:
        number, begin, described = self.places[name]
        opened = _open(self.cipher, number, self.data[begin : begin + described.bytes + _TAG], None)
        self.forget()
        array = np.frombuffer(opened, dtype=described.dtype)
        return array.reshape(described.rows, described.width) if described.width > 1 else array


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    """Each segment has a key of its own, so that its nonces may be plain numbers."""
    return AESGCM(blake2b(salt, key=subkey(key, "segments"), digest_size=32).digest())


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "little")


def _open(cipher: AESGCM, number: int, sealed: bytes | memoryview, also: bytes | None) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), sealed, also)
    except InvalidTag:
        raise SegmentError("the seal is broken: another key, or it was changed; compile it again") from None


def _read(page: bytes) -> _Sealed:
    try:
        return _Sealed.model_validate_json(page)
    except ValidationError:
        raise SegmentError("expected a segment of this version, found another; compile it again") from None


def _of_this_version(header: Header) -> Header:
    if header.fold != fold_version():
        raise SegmentError(f"expected fold {fold_version()}, found {header.fold}; compile it again")
    return header


def _described(name: str, array: Array) -> _Described:
    width = array.shape[1] if array.ndim > 1 else 1
    return _Described(name=name, dtype=array.dtype.str, rows=len(array), width=width)


def _placed(
    arrays: tuple[_Described, ...], begin: int, length: int
) -> Mapping[str, tuple[int, int, _Described]]:
    places = {}
    for number, described in enumerate(arrays, 1):
        if described.dtype not in _DTYPES or described.rows < 0 or not 1 <= described.width <= 8:
            raise SegmentError("expected arrays of numbers, found another kind; compile it again")
        places[described.name] = number, begin, described
        begin += described.bytes + _TAG
    if begin != length:
        raise SegmentError(f"expected {begin} bytes, found {length}; compile it again")
    return places
