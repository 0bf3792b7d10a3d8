"""A model's vocabulary as its bytes: what each token says, which tokens are special, and which end an answer.

Rule: read from the model's own folder, and named by a fingerprint over all of it, so that nothing compiled
for one tokenizer is ever used with another. A special token says nothing.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from steering.token_bytes import VocabularyError, decoder_of

LARGEST_FILE = 1 << 28
LARGEST = 1 << 21
# Where models name the tokens that end an answer.
_SETTINGS = ("generation_config.json", "config.json")
_OLDER = ("tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt")

__all__ = ["Vocabulary", "VocabularyError"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`pieces`: by token id what it puts into the text."""

    pieces: tuple[bytes, ...]
    special: frozenset[int]
    ends: frozenset[int]

    @property
    def size(self) -> int:
        return len(self.pieces)

    @property
    def fingerprint(self) -> str:
        digest = blake2b(digest_size=16)
        for number, piece in enumerate(self.pieces):
            marks = (number in self.special) + 2 * (number in self.ends)
            digest.update(len(piece).to_bytes(4, "little") + bytes([marks]) + piece)
        return digest.hexdigest()

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """From a model's folder. Raises VocabularyError."""
        tokenizer = _tokenizer(folder)
        special = frozenset(
            number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special
        )
        ends = frozenset(_ends(folder, tokenizer))
        vocabulary = of_tokenizer(tokenizer, special | ends, ends)
        if not vocabulary.ends:
            raise VocabularyError(
                f"{folder}: no token is named that ends an answer; set eos_token_id in generation_config.json"
            )
        return vocabulary


def of_tokenizer(tokenizer: Any, special: frozenset[int], ends: frozenset[int]) -> Vocabulary:
    """The vocabulary of a `tokenizers.Tokenizer`."""
    known: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
    size = max(known.values(), default=-1) + 1
    if size > LARGEST:
        raise VocabularyError(f"expected token ids below {LARGEST}, found {size - 1}")
    decode = decoder_of(tokenizer)
    pieces = [b""] * size
    for token, number in known.items():
        if number not in special:
            pieces[number] = decode(token)
    inside = frozenset(range(size))
    return Vocabulary(tuple(pieces), special & inside, ends & inside)


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        return _converted(folder)
    if path.stat().st_size > LARGEST_FILE:
        raise VocabularyError(f"{path}: expected at most {LARGEST_FILE} bytes, found more")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more precise
        raise VocabularyError(f"{path}: cannot be read ({str(error)[:200]})") from None


def _converted(folder: Path) -> Any:
    """Of a tokenizer in an older file, what transformers makes of it. Never fetched from elsewhere."""
    found = _backend(folder) if any((folder / name).is_file() for name in _OLDER) else None
    if found is None:
        raise VocabularyError(
            f"{folder}: there is no tokenizer.json; name the folder of the model's tokenizer"
        )
    return found


def _backend(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer
    except (OSError, ValueError, AttributeError, ImportError):
        return None


def _ends(folder: Path, tokenizer: Any) -> Iterator[int]:
    for name in _SETTINGS:
        yield from _numbers(_read(folder / name).get("eos_token_id"))
    token = _read(folder / "tokenizer_config.json").get("eos_token")
    text = token.get("content") if isinstance(token, dict) else token
    number = tokenizer.token_to_id(text) if isinstance(text, str) else None
    yield from () if number is None else (number,)


def _numbers(found: Any) -> Iterable[int]:
    listed = found if isinstance(found, list) else [found]
    return (each for each in listed if isinstance(each, int))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file() or path.stat().st_size > LARGEST_FILE:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise VocabularyError(f"{path}: expected JSON, found something else") from None
    return found if isinstance(found, dict) else {}
