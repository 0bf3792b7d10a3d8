"""Where pictures are read, what they say is scanned as what is said in words, and nothing unread goes on.

The reader is a stand-in whose pictures are a signature and the words, but for one test of the real one.
"""

import base64
import io
from collections.abc import Iterator
from shutil import which
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import Limits
from gateway.ocr import Ocr, UnreadableError
from gateway.pictures import OTHERS, PICTURES
from gateway.wire.contract import load_contract, wires
from tests.gateway.canned import Canned, completion, whole
from tests.gateway.running import CRANE, NOTICE, Running, config_for, policy_of, protection_of, running

SIGNATURE = b"\x89PNG\r\n\x1a\n"
STAND_IN = ("tail", "-c", "+9")
CLEAN, TELLS = "The lamp turns.", "Alden Crane was born in Port Vellum."


@pytest.fixture(scope="module")
def reading(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("reading")
    config = config_for(
        canned.base_url, folder / "audit.jsonl", limits={"media": "read", "ocr": STAND_IN, "drain_s": 0}
    )
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as gateway:
        canned.play(whole(completion("Yes.")))
        yield gateway


def picture(words: str) -> str:
    return "data:image/png;base64," + base64.b64encode(SIGNATURE + words.encode()).decode()


def shown(*urls: str, text: str = "What is this?", role: str = "user") -> Any:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"messages": [{"role": role, "content": [{"type": "text", "text": text}, *parts]}]}


def ask(gateway: Running, body: Any) -> str:
    answered = gateway.chat(**body)
    assert answered.status == 200, answered.body
    said: str = answered.json["choices"][0]["message"]["content"]
    return said


def test_a_picture_that_says_nothing_forgotten_goes_on_as_it_is(reading: Running, canned: Canned) -> None:
    canned.play(whole(completion("Yes.")))
    body = shown(picture(CLEAN), picture("Why?"))
    assert ask(reading, body) == "Yes."
    assert canned.last.json["messages"] == body["messages"]


@pytest.mark.parametrize("role", ["user", "system", "assistant"])
def test_a_picture_that_tells_is_refused(role: str, reading: Running, canned: Canned) -> None:
    canned.play(whole(completion("Yes.")))
    assert ask(reading, shown(picture(CLEAN), picture(TELLS), role=role)) == NOTICE
    assert canned.asked == []
    found = reading.records()[-1]["findings"]
    assert {(one["entry"], one["role"]) for one in found} == {("crane", role)}


def test_a_word_that_is_hidden_behind_escapes_is_a_picture_all_the_same(reading: Running) -> None:
    raw = (
        b'{"model":"demo","messages":[{"role":"user","content":[{"type":"im\\u0061ge_url","im\\u0061ge_url":'
    )
    answered = reading.post(raw + b'{"url":"%b"}}]}]}' % picture(TELLS).encode())
    assert answered.json["choices"][0]["message"]["content"] == NOTICE


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "input_audio": {"data": "A" * 400, "format": "wav"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/lamp.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}},
        {"type": "image_url", "image_url": {"url": "data:audio/wav;base64," + "A" * 400}},
        {"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64," + "A" * 400}},
        {"type": "image_url", "image_url": {"url": ""}},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64," + "A" * 400}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64," + "A" * 400}},
    ],
)
def test_what_cannot_be_read_is_an_error(part: Any, reading: Running, canned: Canned) -> None:
    canned.play(whole(completion("Yes.")))
    answered = reading.chat(messages=[{"role": "user", "content": [part]}])
    assert (answered.status, answered.error["type"]) == (400, "invalid_request_error")
    assert b"AAAA" not in answered.body
    assert canned.asked == []


def test_there_are_not_many_pictures(reading: Running) -> None:
    answered = reading.chat(**shown(*[picture(CLEAN)] * 9))
    assert (answered.status, answered.error["message"]) == (
        400,
        "The body: expected at most 8 pictures, found 9.",
    )


@pytest.mark.parametrize(
    "command",
    [
        ("false",),
        ("sleep", "600"),
        ("no such program",),
        ("sh", "-c", "cat > /dev/null; head -c 300000 /dev/zero"),
        ("sh", "-c", "cat > /dev/null; ulimit -v | grep -q unlimited"),
    ],
)
def test_a_reader_that_fails_has_read_nothing(command: tuple[str, ...]) -> None:
    """The last one is not limited in memory if it succeeds."""
    with pytest.raises(UnreadableError):
        Ocr(command).words(SIGNATURE, 1.0)


@pytest.mark.parametrize("wire", wires())
def test_all_that_is_no_text_is_a_picture_or_is_refused(wire: str) -> None:
    """What a contract lets through as media, and this list does not know, would go on unread."""
    named = {name for one in load_contract(wire).variants.values() for name in one.media}
    assert named - PICTURES - OTHERS <= {"base64", "url"}, "how a picture comes is no kind of its own"


def test_a_reader_must_be_installed() -> None:
    with pytest.raises(ValidationError, match="installed"):
        Limits.model_validate({"media": "read", "ocr": ["no-such-program"]})
    assert Limits.model_validate({"ocr": ["no-such-program"]}).media == "refuse"


@pytest.mark.skipif(which("tesseract") is None, reason="tesseract is not installed (Debian: tesseract-ocr)")
def test_tesseract_reads_what_is_printed() -> None:
    image = pytest.importorskip("PIL.Image")
    draw, font = pytest.importorskip("PIL.ImageDraw"), pytest.importorskip("PIL.ImageFont")
    one = image.new("RGB", (900, 120), "white")
    draw.Draw(one).text((20, 30), TELLS, fill="black", font=font.load_default(32))
    written = io.BytesIO()
    one.save(written, "PNG")
    assert Ocr(("tesseract", "-", "-")).words(written.getvalue(), 60).strip() == TELLS
