"""Characters in dress: full width, bold, look-alikes, with marks on them or unseen ones between.

Rule: a token is undressed only where all of it then is ASCII, so that other languages stay what they are. Its
case is kept: the codes beneath are read by it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from filters.codecs.decoded import Decoded
from index.fold import fold_character, look_alikes, untagged

_DRESSED = re.compile(r"[\x21-\x7e]*[^\x00-\x7f\s]\S*")


def bare(token: str) -> str | None:
    """The token undressed; None where it is not ASCII then."""
    signs = undressed(token)
    return None if signs is None else "".join(signs)


def undressed(token: str) -> Sequence[str] | None:
    """What each of its characters is."""
    signs: list[str] = []
    for character in token:
        sign = character if character.isascii() else _undressed(character)
        if sign is None:
            return None
        signs.append(sign)
    return signs


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    if text.isascii():
        return
    for match in _DRESSED.finditer(text, start, end):
        signs = undressed(match[0])
        if signs is not None and any(signs):
            places = [place for place, sign in enumerate(signs, match.start()) if sign]
            yield Decoded.of("".join(signs), places, [place + 1 for place in places], "bare")


def _undressed(character: str) -> str | None:
    """One sign or none."""
    shown = untagged(character)
    if shown == character and not fold_character(character):
        return ""
    plain = unicodedata.normalize("NFKC", shown)
    if len(plain) == 1 and plain.isascii():
        return plain
    known = look_alikes().get(character, "")
    if len(known) != 1:
        return None
    return known.upper() if character.isupper() else known
