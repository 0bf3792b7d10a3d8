"""Token ids, read as the text that they stand for.

Rule: what goes on is that text, so that the model reads what was scanned. Where no tokenizer is known they
are refused.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from gateway.wire.complaint import expected

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class TokenizerError(ValueError):
    """The tokenizer that the settings name cannot be used."""


@lru_cache(maxsize=2)
def tokenizer_at(path: Path) -> "Tokenizer":
    """Loaded where it is wanted: other gateways need none. Raises TokenizerError."""
    try:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more precise
        what = "a tokenizer.json, and the package `tokenizers`"
        raise TokenizerError(f"limits.tokenizer: expected {what}, found: {error}") from None


def spelled(body: object, field: str, tokenizer: Path | None) -> object:
    """The body with a text in place of every list of token ids in a field."""
    if not isinstance(body, dict):
        return body
    said = body.get(field)
    listed = [said] if _ids(said) else said
    if not isinstance(listed, list) or not listed or not all(map(_ids, listed)):
        return body
    if tokenizer is None:
        raise expected("text, because limits.tokenizer names no tokenizer", (field,), "token ids")
    texts = [_text(ids, field, tokenizer_at(tokenizer)) for ids in listed]
    # The marks that begin a prompt are among the ids, or are not wanted.
    return body | {field: texts if listed is said else texts[0], "add_special_tokens": False}


def _ids(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)


def _text(ids: list[int], field: str, tokenizer: "Tokenizer") -> str:
    if min(ids) < 0 or max(ids) >= tokenizer.get_vocab_size():
        raise expected("ids of the tokenizer", (field,), "another")
    return str(tokenizer.decode(ids, skip_special_tokens=False))
