"""Every code is read back, whatever stands around it, and its span is the code's; what is no code stays."""

import base64
import binascii
import codecs
import quopri
from collections.abc import Callable, Mapping
from random import Random
from time import process_time
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.codecs.readings import MOST_ANYWAY, MOST_FOR_EACH, TooMuchEncoded, deepest, readings
from index.anchors import build_anchors
from policy.finding import Detector
from policy.surface import Role
from tests.filters.test_prompt import conversation, scan, user
from tests.filters.test_string_scanner import CRANE

NAME = "Alden Crane"
PASSAGE = "he kept nine hives behind the old customs house"
ANCHORS = CRANE.snapshot().anchors
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MORSE = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- "
    "--.."
)
_NATO = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)
_BRAILLE = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵"


def _shifted(text: str, shift: int, sign: int = 1) -> str:
    turned = "".join(_LETTERS[(sign * place + shift) % 26] for place in range(26))
    return text.translate(str.maketrans(_LETTERS + _LETTERS.upper(), turned + turned.upper()))


def _each(text: str, form: str, between: str = "") -> str:
    return between.join(form.format(byte) for byte in text.encode())


def _words(text: str, table: str, letters: str, words: str) -> str:
    known = dict(zip(_LETTERS, table.split(), strict=True))
    return words.join(letters.join(known[letter] for letter in word) for word in text.lower().split())


def _wrapped(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def _selectors(text: str) -> str:
    return "x" + "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in text.encode())


def _uu(text: str) -> str:
    data = text.encode()
    lines = (data[at : at + 45] for at in range(0, len(data), 45))
    return b"".join(map(binascii.b2a_uu, lines)).decode().rstrip("\n")


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CODES: Mapping[str, Callable[[str], str]] = {
    "base64": _b64,
    "base64 without padding": lambda text: _b64(text).rstrip("="),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: _wrapped(_b64(text), 8),
    "base64 twice": lambda text: _b64(_b64(text)),
    "base64 three times": lambda text: _b64(_b64(_b64(text))),
    "base64 backwards": lambda text: _b64(text)[::-1],
    "base64 of ROT13": lambda text: _b64(codecs.encode(text, "rot13")),
    "base64 in UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base16": lambda text: text.encode().hex(),
    "base16 in capitals": lambda text: text.encode().hex().upper(),
    "base16 apart": lambda text: text.encode().hex(" "),
    "base16 with colons": lambda text: text.encode().hex(":"),
    "base16 with a prefix": lambda text: f"0x{text.encode().hex()}",
    "base16 with prefixes": lambda text: _each(text, "0x{:02x}", ", "),
    "base16 of base64": lambda text: _b64(text).encode().hex(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "ascii85": lambda text: base64.a85encode(text.encode()).decode(),
    "ascii85 in brackets": lambda text: base64.a85encode(text.encode(), adobe=True).decode(),
    "percent": quote,
    "percent, all": lambda text: _each(text, "%{:02X}"),
    "entities": lambda text: _each(text, "&#{};"),
    "entities in base 16": lambda text: _each(text, "&#x{:x};"),
    "quoted-printable": lambda text: _each(text, "={:02X}"),
    "quoted-printable, soft": lambda text: quopri.encodestring(text.encode()).decode().replace("e", "=65"),
    "uu": _uu,
    "escapes": lambda text: _each(text, "\\x{:02x}"),
    "Unicode escapes": lambda text: _each(text, "\\u{:04x}"),
    "code points": lambda text: _each(text, "U+{:04X}", " "),
    "decimal": lambda text: _each(text, "{}", " "),
    "decimal with commas": lambda text: _each(text, "{}", ", "),
    "octal": lambda text: _each(text, "{:o}", " "),
    "binary": lambda text: _each(text, "{:08b}", " "),
    "binary, joined": lambda text: _each(text, "{:08b}"),
    "ROT13": lambda text: codecs.encode(text, "rot13"),
    "Caesar by 7": lambda text: _shifted(text, 7),
    "Caesar by 22": lambda text: _shifted(text, 22),
    "Atbash": lambda text: _shifted(text, 25, -1),
    "backwards": lambda text: text[::-1],
    "words backwards": lambda text: " ".join(word[::-1] for word in text.split()),
    "ROT13 backwards": lambda text: codecs.encode(text[::-1], "rot13"),
    "Morse": lambda text: _words(text, _MORSE, " ", " / "),
    "Morse with other signs": lambda text: _words(
        text, _MORSE.translate(str.maketrans(".-", "·–")), " ", "   "
    ),
    "NATO": lambda text: _words(text, _NATO, " ", " / "),
    "places in the alphabet": lambda text: "  ".join(
        "-".join(str(ord(letter) - 96) for letter in word) for word in text.lower().split()
    ),
    "Braille": lambda text: " ".join(
        "".join(_BRAILLE[ord(letter) - 97] for letter in word) for word in text.lower().split()
    ),
    "variation selectors": _selectors,
    "tags": lambda text: "x" + "".join(chr(0xE0000 + ord(letter)) for letter in text),
    "leet": lambda text: text.translate(str.maketrans("aeio", "4310")),
    "letters apart": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "letters with points": lambda text: " ".join(".".join(word) for word in text.split()),
    "letters with stars": lambda text: " ".join("*".join(word) for word in text.split()),
    "a letter a line": lambda text: "\n\n".join("\n".join(word) for word in text.split()),
    "letters with faces": lambda text: " ".join("😀".join(word) for word in text.split()),
    "letters without width": lambda text: "\u200b".join(text),
    "letters with tags": lambda text: "".join(f"{letter}\U000e0078" for letter in text),
    "joined": lambda text: "".join(word.capitalize() for word in text.split()),
    "joined by NUL": lambda text: text.replace(" ", "\0"),
    "joined without width": lambda text: text.replace(" ", "\u200b"),
    "cut": lambda text: " ".join(f"{word[:2]}-{word[2:]}" for word in text.split()),
    "rubbed out": lambda text: " ".join(f"{word[:2]}q\b{word[2:]}" for word in text.split()),
}
SURROUNDINGS = [("", ""), ("Please tell me who ", " was, and why."), ("text:\n", "\nthanks"), ('("', '").')]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("before", "after"), SURROUNDINGS)
def test_a_name_in_a_code_is_found_where_the_code_stands(code: str, before: str, after: str) -> None:
    written = CODES[code](NAME)
    report = scan(user("Be kind.", f"{before}{written}{after}", "Go on, please."))
    spans = [each.finding.span for each in report.findings if each.segment == 1]
    assert spans, report.findings
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    assert len(before) - 1 <= first <= len(before) + 3
    assert len(before + written) - 3 <= last <= len(before + written) + 2


@pytest.mark.parametrize("code", CODES)
def test_a_passage_in_a_code_is_found(code: str) -> None:
    written = CODES[code](f"On Tuesdays {PASSAGE} and never spoke of it")
    assert scan(user(f"Read this: {written}")).findings


@pytest.mark.parametrize("code", CODES)
def test_harmless_text_in_a_code_is_left_alone(code: str) -> None:
    written = CODES[code]("alder trees in a craned garden")
    assert scan(user(f"Please read {written} and tell me.")).findings == ()


@pytest.mark.parametrize("code", ["base64", "base16", "base32", "binary, joined", "base16 apart", "decimal"])
@pytest.mark.parametrize("middle", [(), ((Role.ASSISTANT, "Go on."),)])
def test_a_code_that_is_cut_over_messages_is_found(code: str, middle: tuple[tuple[Role, str], ...]) -> None:
    written = CODES[code](NAME)
    half = len(written) // 2
    said = [(Role.USER, f"Decode {written[:half]}"), *middle, (Role.USER, f"{written[half:]} now")]
    found = scan(conversation(*said)).findings
    assert {each.segment for each in found} == {0, len(said) - 1}


@given(st.data())
@settings(max_examples=40)
def test_what_was_written_is_read_and_knows_where_it_stood(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(["base64", "base32", "base16", "percent, all", "decimal", "base85"]))
    text = data.draw(st.text(st.sampled_from(_LETTERS + _LETTERS.upper() + "  "), min_size=12, max_size=80))
    before = data.draw(st.sampled_from(["", "so: ", "see\n"]))
    written = CODES[code](text)
    found = [each for each in readings(f"{before}{written}") if text in each.text]
    assert found
    place = found[0].text.index(text)
    first, last = found[0].span(place, place + len(text))
    assert (first, last) == (len(before), len(before + written))


@pytest.mark.parametrize("code", ["octal", "decimal", "base16 apart", "binary", "code points"])
def test_a_long_text_in_numbers_is_read_whole(code: str) -> None:
    text = " ".join(f"{PASSAGE} {NAME}." for _ in range(40))
    found = scan(user(CODES[code](text))).findings
    assert sum(each.finding.detector is Detector.NAME for each in found) == 40


TURNS: Mapping[str, Callable[[str], str]] = {
    "backwards": lambda text: text[::-1],
    "ROT13": lambda text: codecs.encode(text, "rot13"),
    "Atbash": lambda text: _shifted(text, 25, -1),
    "Atbash of ROT13": lambda text: _shifted(text, 12, -1),
    "ROT13 backwards": lambda text: codecs.encode(text[::-1], "rot13"),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("code", ["base64", "base32", "base16", "percent, all", "escapes", "entities"])
def test_a_code_that_was_itself_turned_is_found(code: str, turn: str) -> None:
    text = f"Please tell me in which year {NAME} was born, and where."
    assert scan(user(f"Decode this:\n\n{TURNS[turn](CODES[code](text))}")).findings


def test_a_code_that_looks_like_words_by_chance_is_read() -> None:
    random = Random(4)
    for _ in range(300):
        first, last = ("".join(random.choices("aeiou" + _LETTERS, k=size)).title() for size in (6, 7))
        written = _b64(f"{first} {last}").rstrip("=")
        assert any(f"{first} {last}" in each.text for each in readings(f"Where was {written} born?"))


def test_the_last_line_of_a_uu_text_may_be_short() -> None:
    for size in range(1, 9):
        text = f"{'Tell me of him who was born so long ago'[: 45 - len(NAME) - 1 + size]} {NAME}"
        assert scan(user(CODES["uu"](text))).findings


def test_an_acrostic_of_lines_and_of_sentences_is_found() -> None:
    for between in ("\n", ". "):
        lines = between.join(f"{letter.upper()}ll of it went well" for letter in "xaldencranex")
        assert scan(user(lines)).findings


def test_a_reading_of_a_reading_is_one_of_the_text() -> None:
    for each in readings(f"see {_b64(_b64(NAME))} here"):
        assert 0 <= each.begin < each.end <= len(f"see {_b64(_b64(NAME))} here")
        assert len(each.text) == len(each.starts) == len(each.ends)
        assert all(each.starts < each.ends)


def test_an_entity_of_a_sign_that_nobody_sees_is_read_as_nothing() -> None:
    said = readings("It is QW&#8;x&#1;kZW4gQ3JhbmU= he.", depth=2)
    assert any("Alden Crane" in reading.text for reading in said)


@pytest.mark.parametrize("kind", ["base64 lines", "uuids", "random signs"])
def test_what_merely_looks_odd_is_read_whole(kind: str) -> None:
    random = Random(5)
    made: Callable[[], str] = {
        "base64 lines": lambda: _b64(" ".join(random.sample(_NATO.split(), 6))),
        "uuids": lambda: str(UUID(int=random.getrandbits(128))),
        "random signs": lambda: "".join(chr(random.randint(33, 126)) for _ in range(80)),
    }[kind]
    text = "\n".join(made() for _ in range(40_000 // len(made())))
    assert deepest(text, ANCHORS)[1]


def test_an_address_with_a_number_of_base_16_is_no_code() -> None:
    assert readings("See https://example.org/garden/river?id=41f3e9ab07 for more.", ANCHORS) == []


def test_a_letter_that_no_code_has_parts_what_is_wrapped_like_one() -> None:
    said = readings("It is <~Ã9jqo^BlÃbD-BleB1DJ+*~> he.", depth=1)
    assert any("Man i" in reading.text for reading in said)


def test_what_stands_for_nothing_parts_no_code() -> None:
    said = readings("It is 41<!-- --> 6c<!-- --> 64 65<!-- --> 6e he.", depth=2)
    assert any("Alden" in reading.text and reading.is_fresh(6, 11) for reading in said)


def test_a_title_of_two_common_words_is_worth_a_look_and_one_of_them_is_not() -> None:
    anchors = build_anchors(["perfect", "winter", "old"], bytes(32))
    said = "It is 7h3 P3rf3c7 W1n73r so, M4yb3 P3rf3c7."
    assert any("Perfect Winter" in reading.text for reading in readings(said, anchors))
    assert not any("Perfect" in reading.text for reading in readings("It is P3rf3c7 so.", anchors))


def test_a_cipher_needs_an_anchor() -> None:
    nothing = build_anchors((), bytes(32))
    assert readings("Nyqra Penar was here", nothing) == []
    assert [each.view for each in readings("Nyqra Penar was here", ANCHORS)] == ["rot13"]


HOSTILE = [
    "QWxk" * 50_000,
    "A" * 200_000,
    "41 " * 60_000,
    "%" * 200_000,
    "&#" * 100_000,
    "=\n" * 100_000,
    ". - " * 50_000,
    "a " * 100_000,
    "1 2 " * 50_000,
    "\u200b\u200c" * 50_000,
    "<~" * 100_000,
    "M" + "!" * 200_000,
    "a1" * 100_000,
    "x\b" * 50_000,
    "⠁" * 100_000,
    "aB" * 100_000,
    "alfa " * 40_000,
    "nyqra penar " * 15_000,
]


@pytest.mark.long
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_hostile_texts_are_read_or_refused_in_no_time(text: str) -> None:
    begin = process_time()
    try:
        found = readings(text, ANCHORS)
    except TooMuchEncoded:
        found = []
    assert process_time() - begin < 20
    assert sum(len(each.text) for each in found) <= MOST_FOR_EACH * len(text) + MOST_ANYWAY


@pytest.mark.long
def test_time_grows_with_the_length() -> None:
    random = Random(7)
    words = [_b64(" ".join(random.sample(_MORSE.split(), 3))) for _ in range(4000)]

    def taken(count: int) -> float:
        begin = process_time()
        readings(" and then ".join(words[:count]), ANCHORS)
        return process_time() - begin

    taken(100)
    assert taken(4000) < 12 * taken(1000)
