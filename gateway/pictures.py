"""What the pictures of a request say, beside what it says in words.

Rule: where pictures are read, each is, or the request is refused; and so is whatever else is no text. What is
read may not be changed: a picture in which something would have to go is refused with its prompt.
"""

import base64
import binascii
import time
from collections.abc import Iterator
from dataclasses import replace

from filters.segment import Segment
from gateway.ocr import Ocr, UnreadableError
from gateway.wire.complaint import Path, expected
from gateway.wire.media import DATA
from gateway.wire.reading import DECODED
from gateway.wire.request import Request, size_of
from policy.surface import Role

# By what parts of messages say that they are, in all APIs.
PICTURES = frozenset({"image_url", "input_image", "image"})
OTHERS = frozenset({"audio_url", "video_url", "input_audio", "file", "input_file", "document"})
# Where messages stand. Tools and the like may say such words of themselves.
MESSAGES = ("messages", "input")
MOST = 8
# For all of a request: less than its process may take.
READ_S = 30.0
ROLES = {role.value: role for role in Role} | {"developer": Role.SYSTEM}

Found = tuple[Path, Role, bytes]


def with_words(request: Request, ocr: Ocr) -> Request:
    """The same with the words of its pictures among what is scanned."""
    found = [one for name in MESSAGES for one in _found(request.body.get(name), (name,), Role.USER)]
    if len(found) > MOST:
        raise expected(f"at most {MOST} pictures", (), str(len(found)))
    due = time.monotonic() + READ_S
    read = tuple(_segment(one, ocr, due - time.monotonic()) for one in found)
    said = (*request.segments, *(segment for segment in read if segment.text))
    return replace(request, segments=said, size=size_of(said))


def _segment(found: Found, ocr: Ocr, left_s: float) -> Segment:
    path, role, picture = found
    try:
        words = ocr.words(picture, left_s).strip()
    except UnreadableError:
        raise expected("a picture that can be read in time", path, "another") from None
    message = path[1] if isinstance(path[1], int) else -1
    return Segment(role, words, message, (*path, DECODED))


def _found(value: object, path: Path, role: Role) -> Iterator[Found]:
    match value:
        case list():
            for place, item in enumerate(value):
                yield from _found(item, (*path, place), role)
        case dict():
            kind, spoken = _word(value.get("type")), ROLES.get(_word(value.get("role")), role)
            if kind in OTHERS:
                raise expected("no sounds, films or files", path, "one")
            if kind in PICTURES:
                yield path, role, _picture(value, path)
                return
            for name, item in value.items():
                yield from _found(item, (*path, name), spoken)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _picture(part: dict[str, object], path: Path) -> bytes:
    """Its bytes: there is one picture in a part."""
    data = [text for text in _strings(part) if len(text) > 64 or DATA.match(text)]
    if len(data) != 1:
        raise expected("a picture as data", path, "none" if not data else "more")
    start = DATA.match(data[0])
    try:
        picture = base64.b64decode(data[0][start.end() if start else 0 :], validate=True)
    except (binascii.Error, ValueError):
        raise expected("a picture as base64", path, "something else") from None
    if start is not None and not data[0].startswith("data:image/"):
        raise expected("a picture", path, "something else")
    return picture


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _strings(item)
