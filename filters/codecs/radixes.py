"""Base64, base32, base16 and base 2: their symbols, and the bytes that these stand for.

Rule: what is shown of an alphabet, the symbols that the bytes of text have at each place, follows from it.
"""

import binascii
import re
from collections.abc import Callable
from functools import partial
from math import lcm

from filters.codecs.radix import Radix
from filters.codecs.showing import Showing
from filters.codecs.ways import both, mirrored, rot13


def _base64(symbols: str) -> bytes:
    """Of symbols of the alphabet alone."""
    return binascii.a2b_base64(symbols.translate(_URL_SAFE) + _PADDING[len(symbols) % 4])


def _base32(symbols: str) -> bytes:
    """As one number, because the library's reader takes ten times as long."""
    whole, over = divmod(len(symbols) * 5, 8)
    return (int(symbols.translate(_OF_32), 32) >> over).to_bytes(whole, "big") if whole else b""


def _turned_base16(turn: Callable[[str], str], symbols: str) -> bytes:
    return bytes.fromhex(turn(symbols))


def _base2(symbols: str) -> bytes:
    return int(symbols, 2).to_bytes(len(symbols) // 8, "big") if symbols else b""


# The digits as `int` names them.
_OF_32 = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567",
    2 * "0123456789abcdefghijklmnop" + "qrstuv",
)
_PADDING = "", "===", "==", "="
_URL_SAFE = str.maketrans("-_", "+/")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _shows(alphabet: str, bits: int, times: int) -> tuple[re.Pattern[str], Showing]:
    """So many periods of an alphabet's symbols whose bytes all may be characters of ASCII that show."""
    period = lcm(8, bits) // bits
    fitting = [_fitting(alphabet, bits, place) for place in range(period)]
    symbols = "".join(f"[{re.escape(each)}]" for each in fitting)
    showing = Showing(fitting * times)
    return re.compile(f"(?:{symbols}){{{times}}}"), showing


def _fitting(alphabet: str, bits: int, place: int) -> str:
    """Of the symbols at this place of a period those that such bytes have."""
    tops = [top - place * bits for top in range(0, lcm(8, bits), 8) if 0 <= top - place * bits < bits]
    fitting = "".join(
        symbol for value, symbol in enumerate(alphabet) if all(_may_show(value, bits, top) for top in tops)
    )
    return fitting if bits == 6 else fitting + fitting.lower()


def _may_show(value: int, bits: int, top: int) -> bool:
    """Whether a byte may begin with the bits of the value from `top` on: 001, 010 or 011."""
    first = f"{value:0{bits}b}"[top : top + 3]
    return first[0] == "0" and first != "000"


RADIXES = (
    Radix(
        "base64",
        re.compile(r"(?P<symbols>={0,2}[A-Za-z0-9+/_-]{2,}={0,2})"),
        "=",
        6,
        6,
        _base64,
        *_shows(_BASE64, 6, 2),
    ),
    Radix(
        "base32",
        re.compile(
            r"(?<!\w)(?P<symbols>={0,6}(?:[A-Z2-7]{2,}|(?=[a-z]*[2-7]|[a-z]{16})[a-z2-7]{2,})={0,6})(?!\w)"
        ),
        "=",
        5,
        8,
        _base32,
        *_shows("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 1),
    ),
    Radix(
        "base16",
        re.compile(r"(?<![0-9A-Za-z])(?:0[xX]|[xX])?(?P<symbols>[0-9A-Fa-f]{2,})h?(?![0-9A-Za-z])"),
        "",
        4,
        8,
        bytes.fromhex,
        *_shows("0123456789ABCDEF", 4, 4),
    ),
    *(
        Radix(
            "base16",
            re.compile(rf"(?<![0-9A-Za-z])(?P<symbols>[0-9{letters}]{{16,}})(?![0-9A-Za-z])"),
            "",
            4,
            16,
            partial(_turned_base16, turn),
            *_shows("0123456789" + turn("ABCDEF"), 4, 4),
        )
        for letters, turn in (("N-Sn-s", rot13), ("U-Zu-z", mirrored), ("H-Mh-m", both))
    ),
    Radix(
        "base2",
        re.compile(r"(?<![0-9A-Za-z])(?:0[bB])?(?P<symbols>[01]{4,})(?![0-9A-Za-z])"),
        "",
        1,
        32,
        _base2,
        *_shows("01", 1, 3),
    ),
)
