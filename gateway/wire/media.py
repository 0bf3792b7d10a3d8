"""What is no text: images, sounds, films, files.

Rule: refused, unless the operator lets it through. What it shows or says is not scanned; its address is.
"""

import re
from enum import StrEnum

from gateway.wire.complaint import Path, expected

DATA = re.compile(
    r"data:(?:(?!image/svg)(?:image|audio|video)/[a-z0-9.+-]{1,64}|application/pdf);base64,", re.ASCII
)
ADDRESS = re.compile(r"https?://", re.ASCII)
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\r\n"


class MediaRule(StrEnum):
    """`read`: pictures as data, whose words are read. `inline`: as data in the request. `any`: also as an
    address, which the model server fetches.
    """

    REFUSE = "refuse"
    READ = "read"
    INLINE = "inline"
    ANY = "any"


def is_data(value: str) -> bool:
    """Whether a string is an image, a sound, a film or a PDF, or bytes that may be one."""
    start = DATA.match(value)
    rest = value[start.end() :] if start else value
    return rest.isascii() and not rest.encode().translate(None, BASE64)


def checked_media(value: object, path: Path, allowed: MediaRule) -> bool:
    """Whether the string is text that must be scanned: an address."""
    if isinstance(value, str):
        if allowed is not MediaRule.REFUSE and is_data(value):
            return False
        if allowed is MediaRule.ANY and ADDRESS.match(value):
            return True
    what = "data of an image, a sound, a film or a PDF"
    raise expected(what + (", or its address" if allowed is MediaRule.ANY else ""), path, "something else")
