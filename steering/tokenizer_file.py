"""A model's tokenizer.json, read from its folder.

Rule: whatever cannot be read is a VocabularyError that says where, and what to do.
"""

from pathlib import Path
from typing import Any

from steering.token_bytes import VocabularyError

NAME = "tokenizer.json"
LARGEST_FILE = 1 << 28


def read_tokenizer(path: Path) -> Any:
    """The file, or the one in this folder, as a `tokenizers.Tokenizer`."""
    file = path / NAME if path.is_dir() else path
    if not file.is_file():
        raise VocabularyError(
            f"{path}: expected a {NAME} there, found none; name the folder of the model's tokenizer"
        )
    if file.stat().st_size > LARGEST_FILE:
        raise VocabularyError(f"{file}: expected at most {LARGEST_FILE} bytes, found more")
    library = _library()
    try:
        return library.from_file(str(file))
    except Exception as error:  # the library raises nothing more precise
        raise VocabularyError(
            f"{file}: expected a tokenizer, but it cannot be read ({str(error)[:200]}); fetch it again"
        ) from None


def _library() -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise VocabularyError(
            "expected the package tokenizers, found none; run: pip install 'unsay[steering]'"
        ) from None
    return Tokenizer
