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
from steering.tokenizer_file import LARGEST_FILE, NAME, read_tokenizer

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
        tokenizer = tokenizer_of(folder)
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


def tokenizer_of(folder: Path) -> Any:
    """The tokenizer in the folder; of an older file, what transformers makes of it."""
    older = not (folder / NAME).is_file() and any((folder / name).is_file() for name in _OLDER)
    found = _converted(folder) if older else None
    return read_tokenizer(folder) if found is None else found


def _converted(folder: Path) -> Any:
    """None where transformers cannot read it either. Never fetched from elsewhere."""
    try:
        from transformers import AutoTokenizer

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
