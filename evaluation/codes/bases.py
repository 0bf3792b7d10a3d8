"""Codes that write bytes as printable characters. Bytes that are no text are read as far as they are."""

import base64
import binascii
import html
import quopri
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from evaluation.codes.code import Code


def _runs(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "ignore")


def _whole(run: str, unit: int, alphabet: str) -> str:
    """The run without blanks and marks, cut to whole units: a stream may have ended in the middle."""
    bare = "".join(mark for mark in run if re.match(alphabet, mark))
    return bare[: len(bare) - len(bare) % unit]


def _base64(run: str) -> str:
    bare = re.sub(r"[\s=]", "", run).translate({ord("-"): "+", ord("_"): "/"})
    return _text(base64.b64decode(bare + "=" * (-len(bare) % 4) if len(bare) % 4 != 1 else bare[:-1]))


def _base32(run: str) -> str:
    bare = re.sub(r"[\s=]", "", run)
    while len(bare) % 8 in (1, 3, 6):
        bare = bare[:-1]
    return _text(base64.b32decode(bare + "=" * (-len(bare) % 8)))


def _hex(run: str) -> str:
    return _text(bytes.fromhex(_whole(run.replace("\\x", ""), 2, "[0-9a-fA-F]")))


def _base85(run: str) -> str:
    return _text(base64.b85decode(run))


def _ascii85(run: str) -> str:
    return _text(base64.a85decode(run.removeprefix("<~").removesuffix("~>")))


def _uu_encode(text: str) -> str:
    data = text.encode()
    return "".join(binascii.b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45)).rstrip(
        "\n"
    )


def _uu(run: str) -> str:
    return _text(b"".join(binascii.a2b_uu(line) for line in run.strip("\n").split("\n") if line))


def _numbers(base: int) -> Callable[[str], str]:
    def decode(run: str) -> str:
        numbers = [int(one, base) for one in re.findall(r"[0-9]+", run)]
        return "".join(chr(one) for one in numbers if one < 0x110000)

    return decode


BASES: Final = (
    Code(
        "Base64",
        lambda text: base64.b64encode(text.encode()).decode(),
        _base64,
        _runs(r"[A-Za-z0-9+/_-]{4,}(?:\n[A-Za-z0-9+/_-]+)*={0,2}"),
    ),
    Code("Base32", lambda text: base64.b32encode(text.encode()).decode(), _base32, _runs(r"[A-Z2-7]{4,}=*")),
    Code(
        "hexadecimal",
        lambda text: text.encode().hex(),
        _hex,
        _runs(r"(?:[0-9a-fA-F]{2}[ :\n]?){2,}[0-9a-fA-F]{2}"),
    ),
    Code(
        "\\x escapes",
        lambda text: "".join(f"\\x{one:02x}" for one in text.encode()),
        _hex,
        _runs(r"(?:\\x[0-9a-fA-F]{2})+"),
    ),
    Code(
        "\\u escapes",
        lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
        lambda run: "".join(chr(int(one, 16)) for one in re.findall(r"[0-9a-fA-F]{4}", run)),
        _runs(r"(?:\\u[0-9a-fA-F]{4})+"),
    ),
    Code("Base85", lambda text: base64.b85encode(text.encode()).decode(), _base85, _runs(r"[!-~]{5,}")),
    Code("Ascii85", lambda text: base64.a85encode(text.encode()).decode(), _ascii85, _runs(r"[!-u]{5,}")),
    Code(
        "URL encoding",
        lambda text: "".join(f"%{one:02X}" for one in text.encode()),
        unquote,
        _runs(r"(?:%[0-9a-fA-F]{2})+"),
    ),
    Code(
        "HTML entities",
        lambda text: "".join(f"&#{ord(one)};" for one in text),
        html.unescape,
        _runs(r"(?:&#?\w+;)+"),
    ),
    Code(
        "quoted-printable",
        lambda text: "".join(f"={one:02X}" for one in text.encode()),
        lambda run: _text(quopri.decodestring(run.encode())),
        _runs(r"(?:=[0-9A-F]{2}|=\n)+"),
    ),
    Code("uuencoding", _uu_encode, _uu, _runs(r"[ -`]{5,}(?:\n[ -`]{5,})*")),
    Code(
        "binary",
        lambda text: " ".join(f"{one:08b}" for one in text.encode()),
        lambda run: _text(bytes(int(one, 2) for one in re.findall(r"[01]{8}", run))),
        _runs(r"(?:[01]{8}\s?){2,}"),
    ),
    Code(
        "decimal character codes",
        lambda text: " ".join(str(ord(one)) for one in text),
        _numbers(10),
        _runs(r"(?:\b[0-9]{2,6}\b[ ,]*){3,}"),
    ),
    Code(
        "octal character codes",
        lambda text: " ".join(f"{ord(one):o}" for one in text),
        _numbers(8),
        _runs(r"(?:\b[0-7]{2,7}\b[ ,]*){3,}"),
    ),
)
