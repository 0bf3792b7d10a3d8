"""Codes that hide letters in signs a reader does not see, or that look like other ones."""

import re
import unicodedata
from typing import Final

from evaluation.codes.code import Code

_TAG: Final = 0xE0000
_BITS: Final = "\u2062\u2064"


def _between(sign: str, text: str) -> str:
    return sign.join(text)


def _tags(text: str) -> str:
    return "".join(chr(_TAG + ord(one)) for one in text if ord(one) < 128)


def _untag(run: str) -> str:
    return "".join(chr(ord(one) - _TAG) for one in run)


def _selectors(text: str) -> str:
    """Each byte as one of the 256 variation selectors, behind a face."""
    return "😊" + "".join(chr(0xFE00 + one if one < 16 else 0xE0100 + one - 16) for one in text.encode())


def _unselect(run: str) -> str:
    numbers = [ord(one) - 0xFE00 if ord(one) < 0xE0100 else ord(one) - 0xE0100 + 16 for one in run]
    return bytes(one for one in numbers if one < 256).decode("utf-8", "ignore")


def _sneaky(text: str) -> str:
    return "".join(_BITS[int(bit)] for one in text.encode() for bit in f"{one:08b}")


def _unsneak(run: str) -> str:
    bits = "".join(str(_BITS.index(one)) for one in run)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)).decode("utf-8", "ignore")


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def _bold(text: str) -> str:
    return "".join(_mathematical(one) for one in text)


def _mathematical(one: str) -> str:
    for first, base in (("A", 0x1D400), ("a", 0x1D41A), ("0", 0x1D7CE)):
        if one.isascii() and one.isalnum() and 0 <= ord(one) - ord(first) < (10 if first == "0" else 26):
            return chr(base + ord(one) - ord(first))
    return one


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _bare(text: str) -> str:
    """Without marks on letters and without signs that are not seen."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Cf"))


def _zalgo(text: str) -> str:
    marks = "\u0300\u0316\u0334\u0353"
    return "".join(one + marks[at % 4] + marks[(at + 1) % 4] for at, one in enumerate(text))


def _rubbed_out(text: str) -> str:
    """A wrong letter and a backspace behind every third one."""
    return "".join(one + ("x\b" if at % 3 == 2 else "") for at, one in enumerate(text))


def _commented(text: str) -> str:
    return "".join(one + ("<!-- -->" if at % 3 == 2 else "") for at, one in enumerate(text))


def _tagged(text: str) -> str:
    """A tag behind each letter, which shows as nothing and may be read as a letter."""
    return "".join(one + (chr(0xE0061 + at % 26) if one.isalnum() else "") for at, one in enumerate(text))


_TAGS: Final = re.compile("[\U000e0000-\U000e007f]+")
TRICKS: Final = (
    Code("Unicode tags", _tags, _untag, _TAGS),
    Code("variation selectors", _selectors, _unselect, re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")),
    Code("invisible bits", _sneaky, _unsneak, re.compile(f"[{_BITS}]{{8,}}")),
    Code("zero-width spaces between", lambda text: _between("\u200b", text), _bare),
    Code("soft hyphens between", lambda text: _between("\u00ad", text), _bare),
    Code("tags between", _tagged, lambda text: _TAGS.sub("", text)),
    Code("full-width letters", _wide, _folded),
    Code("mathematical bold letters", _bold, _folded),
    Code("Zalgo marks", _zalgo, _bare),
    Code(
        "right-to-left override",
        lambda text: f"\u202e{text[::-1]}\u202c",
        lambda run: run.strip("\u202e\u202c")[::-1],
        re.compile("\u202e[^\u202c]*\u202c?"),
    ),
    Code("typing errors rubbed out", _rubbed_out, lambda text: re.sub(r".\x08", "", text)),
    Code("HTML comments between", _commented, lambda text: re.sub(r"<!--.*?-->", "", text)),
)
