"""What every token of a tokenizer puts into the text: its bytes.

Rule: the bytes of tokens one after another are the text that the tokenizer's own decoder makes of them, but
for the spaces that some decoders strip at the very beginning, which are in no unit. A decoder that this file
does not know is refused, because a token read wrongly would let a forgotten text through.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Decode = Callable[[str], bytes]

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
# These change nothing that is said, or only spaces at the ends of the text.
_IDLE = frozenset({"Fuse", "Strip"})
# What WordPiece's decoder pulls towards the word before, if it cleans up.
_PULLED = frozenset({".", "?", "!", ",", "'", "n't", "'m", "'s", "'ve", "'re"})


class VocabularyError(ValueError):
    """A tokenizer cannot be read; says which part of it, and what to do."""


def decoder_of(tokenizer: Any) -> Decode:
    """How this `tokenizers.Tokenizer` says one token."""
    stages = list(_stages(json.loads(tokenizer.to_str()).get("decoder")))
    names = [stage["type"] for stage in stages]
    if "ByteLevel" in names:
        return _byte_level
    if "WordPiece" in names:
        return _word_piece(stages[names.index("WordPiece")])
    if not names:
        return lambda token: f" {token}".encode()
    return _pieces([_stage(stage) for stage in stages if stage["type"] not in _IDLE], "ByteFallback" in names)


def _stages(found: Any) -> Iterator[dict[str, Any]]:
    if not found:
        return
    if found["type"] == "Sequence":
        for each in found["decoders"]:
            yield from _stages(each)
    else:
        yield found


def _byte_level(token: str) -> bytes:
    """As the decoder does it: a token with any character that stands for no byte is taken as it is."""
    read = [BYTES.get(character) for character in token]
    return token.encode() if None in read else bytes(byte for byte in read if byte is not None)


def _alphabet() -> dict[str, int]:
    """The character that stands for each byte: itself where it is printed, else one of those from 256 on."""
    printed = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }


BYTES = _alphabet()


def _word_piece(stage: dict[str, Any]) -> Decode:
    prefix, cleans = stage["prefix"], stage["cleanup"]

    def decode(token: str) -> bytes:
        if token.startswith(prefix):
            return token[len(prefix) :].encode()
        return token.encode() if cleans and token in _PULLED else f" {token}".encode()

    return decode


def _pieces(stages: list[Callable[[str], str]], falls_back: bool) -> Decode:
    def decode(token: str) -> bytes:
        byte = _BYTE.fullmatch(token) if falls_back else None
        if byte is not None:
            return bytes([int(byte[1], 16)])
        for stage in stages:
            token = stage(token)
        return token.encode()

    return decode


def _stage(stage: dict[str, Any]) -> Callable[[str], str]:
    match stage["type"]:
        case "ByteFallback":
            return str
        case "Metaspace":
            return lambda token: token.replace(stage["replacement"], " ")
        case "BPEDecoder":
            return lambda token: token.replace(stage["suffix"], " ")
        case "Replace" if "String" in stage["pattern"]:
            return lambda token: token.replace(stage["pattern"]["String"], stage["content"])
    raise VocabularyError(
        f"tokenizer.json: decoder {stage['type']} is not known; expected ByteLevel, WordPiece, Metaspace, "
        "Replace of a string, ByteFallback or BPEDecoder. Use a model with one of these tokenizers"
    )
