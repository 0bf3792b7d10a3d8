"""What is encoded in an answer is found like what it says, however it is cut, and within a bound."""

import base64
import codecs
import re
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codes import CODES
from filters.encoded_scanner import EncodedScanner
from filters.odd_runs import MOST_HELD, SCRIPT
from filters.scanners import Scanners
from filters.text_guard import TextGuard
from index.fold import fold_character
from index.units import units
from policy.action import Action
from policy.finding import Detector
from tests.filters.test_string_scanner import CRANE, around
from tests.filters.test_text_guard import always
from tests.filters.world import Said, World
from tests.laws import check, law, pieces, read

NAME, PASSAGE = "Alden Crane", "he kept nine hives behind the old customs house"
FORGOTTEN = CRANE.forgotten()
# What the exact scanners find by the order of words, and what no reader reads: see SECURITY.
LEFT_OUT = {"reversed words"}


def scanner(*active: int, keen: bool = False) -> EncodedScanner:
    made = Scanners(FORGOTTEN, around(*active, supplied=True), (), near_is_hit=False, keen=keen)
    return made.encoded(made.strings())


def sent(text: str, cut: int = 3) -> str:
    guard = TextGuard([scanner(0)], always(Action.REDACT), "[NOTICE]")
    for at in range(0, len(text), cut):
        guard.feed(text[at : at + cut])
    guard.finish()
    return guard.sent


@pytest.mark.parametrize("title", [title for title in CODES if title not in LEFT_OUT])
def test_in_no_code_anything_forgotten_is_decodable_from_what_is_sent(title: str) -> None:
    code = CODES[title]
    for said in (NAME, PASSAGE):
        out = sent(f"Here it is:\n{code.encode(said)}\nThat is all.")
        assert all(said.lower() not in reading.lower() for reading in code.read(out))
        assert "[NOTICE]" in out


@pytest.mark.parametrize("title", CODES)
def test_what_nobody_forgot_goes_out_in_every_code(title: str) -> None:
    text = f"Here it is:\n{CODES[title].encode('Basil Thorne keeps geese by the river')}\nThat is all."
    assert sent(text) == text


BLOCKS = ("Base64", "Base32", "hexadecimal", "URL encoding", "binary", "decimal character codes")


@pytest.mark.parametrize("titles", [*permutations(BLOCKS, 2)])
def test_codes_in_codes_are_read(titles: tuple[str, str]) -> None:
    said = NAME
    for title in titles:
        said = CODES[title].encode(said)
    assert "[NOTICE]" in sent(f"Here it is:\n{said}\nThat is all.")


DRESSES = (
    "full-width letters", "mathematical bold letters", "Zalgo marks", "zero-width spaces between",
    "tags between", "HTML comments between", "typing errors rubbed out", "letters with hyphens between",
    "letters with dots between", "letters with spaces between", "letters with emoji between",
    "one letter per line",
)  # fmt: skip


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("title", ["Base64", "Base32", "\\u escapes", "Ascii85"])
def test_a_code_in_any_dress_is_read(title: str, dress: str) -> None:
    if (title, dress) == ("Ascii85", "full-width letters"):
        pytest.skip("some signs of full width are those of Chinese sentences")
    said = CODES[dress].encode(CODES[title].encode(NAME))
    assert "[NOTICE]" in sent(f"Here it is:\n{said}\nThat is all.")
    harmless = CODES[dress].encode(CODES[title].encode("Basil Thorne keeps geese"))
    assert "[NOTICE]" not in sent(f"Here it is:\n{harmless}\nThat is all.")


def test_short_strings_in_base85_are_read() -> None:
    world = World(phrases=tuple(Said(0, Detector.SECRET, said) for said in ("Halvard", "5552923777")))
    made = Scanners(world.forgotten(), around(0, supplied=True), (), near_is_hit=False)
    for said in (CODES["Ascii85"].encode("Halvard"), CODES["Base85"].encode("555-292-3777")):
        assert read(made.encoded(made.strings()), [f"So:\n{said}\nit is."]).findings


SHIFTED = (
    "Base64",
    "Base32",
    "hexadecimal",
    "\\x escapes",
    "\\u escapes",
    "URL encoding",
    "quoted-printable",
)


@pytest.mark.parametrize("shift", [3, 7, 19])
@pytest.mark.parametrize("title", SHIFTED)
def test_a_code_is_read_in_any_alphabet(title: str, shift: int) -> None:
    shift_it = CODES[f"a Caesar shift of {shift}"].encode
    assert "[NOTICE]" in sent(f"Here it is:\n{shift_it(CODES[title].encode(NAME))}\nThat is all.")
    harmless = shift_it(CODES[title].encode("Basil Thorne keeps geese"))
    assert "[NOTICE]" not in sent(f"Here it is:\n{harmless}\nThat is all.")


@pytest.mark.parametrize("dress", ["Unicode tags", "mathematical bold letters", "variation selectors"])
@pytest.mark.parametrize("title", ["decimal character codes", "octal character codes"])
def test_numbers_of_letters_in_any_dress_are_read(title: str, dress: str) -> None:
    assert "[NOTICE]" in sent(f"So: {CODES[title].encode(CODES[dress].encode(NAME))} it is.")


def test_signs_of_full_width_are_no_script_that_ends_a_run() -> None:
    assert "[NOTICE]" in sent(
        f"見よ\n{CODES['full-width letters'].encode(CODES['Morse code'].encode(NAME))}\n"
    )


@pytest.mark.parametrize("turn", [lambda text: text[::-1], lambda text: codecs.encode(text, "rot13")])
def test_three_deep_and_turned_it_is_read(turn: Callable[[str], str]) -> None:
    once = base64.b64encode(turn(NAME).encode())
    thrice = base64.b64encode(once.hex().encode()).decode()
    assert "[NOTICE]" in sent(f"So: {once.decode()} it is.")
    assert "[NOTICE]" in sent(f"So: {thrice} it is.")


def test_what_is_half_encoded_is_read_with_what_stands_around_it() -> None:
    assert "[NOTICE]" in sent("It is QWxkZW4= Crane, I think.")


def test_a_long_run_is_held_within_its_bound_and_read_all_the_same() -> None:
    noise = base64.b64encode(bytes(range(256)) * 12).decode()
    text = base64.b64encode(
        f"{'nothing to see here at all, ' * 90}{NAME}{' and so on' * 90}".encode()
    ).decode()
    reading = scanner()
    for fed, letter in enumerate(f"{noise} {noise} end. ", 1):
        assert fed - reading.feed(letter).clear <= MOST_HELD + 500
    told = read(scanner(), [f"So: {text} end."])
    assert told.findings


@pytest.mark.parametrize("before", range(186, 228, 6))
def test_what_lies_over_the_end_of_a_piece_is_read(before: int) -> None:
    said = ("and so it was told " * 20)[:before] + f" {PASSAGE} " + "and so it was told " * 20
    assert read(scanner(), [f"So: {CODES['binary'].encode(said)} end."]).findings


def test_what_is_withheld_is_whole_words_of_the_code() -> None:
    said = base64.b64encode(f"It is he, {NAME}, of whom we speak".encode()).decode()
    assert sent(f"Well, so it is: {said} and that is all.") == "Well, so it is: [NOTICE] and that is all."


def test_no_token_ends_within_a_unit() -> None:
    """A letter that is a unit by itself in its script may end a token; any other may not."""
    for code in range(0x300, 0x30000):
        letter = chr(code)
        if re.match(f"[{SCRIPT}]", letter) and fold_character(letter).isalnum():
            assert units(f"b{letter}")[0].text == "b", hex(code)


def test_a_run_that_reads_as_very_much_is_read_less_deep_and_is_no_error() -> None:
    said = CODES["octal character codes"].encode(
        "He kept a boat and sailed it, on fair days, to the mole. " * 8
    )
    assert sent(f"So: {said} end.", 40) == f"So: {said} end."
    told = CODES["octal character codes"].encode(f"He kept a boat and sailed it, {NAME}, to the mole. " * 8)
    assert "[NOTICE]" in sent(f"So: {told} end.", 40)


def test_white_space_without_end_ends_a_run() -> None:
    reading = scanner()
    reading.feed("It is QWxkZW4gQ3Jhb W5l ")
    assert reading.feed(" " * 300).clear > 30


def test_prose_waits_for_nothing() -> None:
    reading, fed = scanner(), 0
    text = "It was said in 1990 that three of 12 boats, or more, came home (by day)."
    for word in text.split(" "):
        fed += len(word) + 1
        assert fed - reading.feed(f" {word}").clear <= len(word)


SHORT = World(
    phrases=(
        Said(0, Detector.SECRET, "1953", bits=10),
        Said(0, Detector.SECRET, "tanner", bits=12),
        Said(0, Detector.SECRET, "Tolvik", bits=12),
    )
)
# Codes of bytes, and what they may be written in once more; they come to a few signs.
OF_BYTES = ("Base64", "Base32", "hexadecimal", "Base85", "Ascii85")
ONCE_MORE = ("ROT13", "Atbash", "reversed letters", "Base64", "Base32", "hexadecimal")
PLACES = ("{}", "Here it is:\n{}\nThat is all.", "It is {}, so.", "`{}`")


def answered(text: str, meant: bool = True) -> str:
    """What is sent of an answer, where the prompt said who is meant or where it did not."""
    made = Scanners(
        SHORT.forgotten(), around(*(0,) * meant, supplied=True), (), near_is_hit=False, keen=meant
    )
    guard = TextGuard([made.encoded(made.strings())], always(Action.REDACT), "[NOTICE]")
    return "".join([guard.feed(letter).text for letter in text]) + guard.finish().text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("title", OF_BYTES)
@pytest.mark.parametrize("said", ["1953", "tanner", "Tolvik", '"1953"', "**tanner**"])
def test_a_few_signs_are_read_in_every_code_where_it_is_known_who_is_meant(
    said: str, title: str, place: str
) -> None:
    encoded = CODES[title].encode(said)
    assert encoded not in answered(place.format(encoded))
    harmless = place.format(CODES[title].encode("Basil"))
    assert answered(harmless) == harmless


@pytest.mark.parametrize("place", ["x={}", "key:{}", "list/{}", "<b>{}</b>", "a,{},b", "v='{}';", "{}中文"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.b32encode, base64.b85encode])
def test_a_few_signs_are_read_where_another_sign_joins_them_with_a_word(
    encode: Callable[[bytes], bytes], place: str
) -> None:
    for said in ("1953", "tanner"):
        encoded = encode(said.encode()).decode()
        assert encoded not in answered(f"It is {place.format(encoded)} so.")


@pytest.mark.parametrize("place", ["1. {}", "12) {}", "7 {}", "{} 7", "{}中文", "é{}"])
def test_numbers_that_are_characters_are_read_beside_numbers_and_letters_that_are_none(place: str) -> None:
    encoded = " ".join(str(ord(character)) for character in NAME)
    assert encoded not in sent(f"It is\n{place.format(encoded)}\nso.")


@pytest.mark.parametrize("inner", OF_BYTES)
@pytest.mark.parametrize("outer", ONCE_MORE)
def test_a_few_signs_that_were_written_once_more_are_read(inner: str, outer: str) -> None:
    for said in ("1953", "tanner"):
        encoded = CODES[outer].encode(CODES[inner].encode(said))
        assert encoded not in answered(f"It is:\n{encoded}\nso.")


def test_a_few_signs_wait_and_are_withheld_only_where_it_is_known_who_is_meant() -> None:
    assert answered("It is 31393533, so.", meant=False) == "It is 31393533, so."
    for harmless in ("In 1990 there were 31393534 of them, e.g. GE4TGNA, at NASA.", "A\n\nlist:\n- 12\n"):
        assert answered(harmless) == harmless


def test_a_word_in_disguise_is_enough_where_it_is_known_who_is_meant() -> None:
    assert "[NOTICE]" in answered("It is 70lv1k, I think.")


@pytest.mark.parametrize("inner", ["hexadecimal", "URL encoding"])
@pytest.mark.parametrize("outer", ["hexadecimal", "Base64"])
def test_what_shows_letters_both_ways_is_read_both_ways(inner: str, outer: str) -> None:
    """Backwards, and one figure further on, all figures of base 16 show letters."""
    said = CODES[outer].encode(CODES[inner].encode(f"It is {NAME}, he said.") if inner != outer else NAME)
    assert "[NOTICE]" in sent(f"So:\n{said[::-1]}\nit is.")


@pytest.mark.parametrize("text", [f"may default {NAME} be", f"with either {NAME} the"])
def test_what_reads_like_words_from_the_wrong_half_of_its_figures_is_read_backwards_too(text: str) -> None:
    assert "[NOTICE]" in sent(f"So:\n{text.encode().hex()[::-1]}\nit is.")


def test_words_that_were_turned_with_what_breaks_the_line_between_them_are_read() -> None:
    text = f"So it is {NAME}.\nThat is all of {NAME.split()[0]} x."
    assert "[NOTICE]" in sent(" ".join(word[::-1] for word in text.split(" ")))


def test_signs_that_are_not_seen_are_read_with_a_mark_behind_them() -> None:
    assert "[NOTICE]" in sent(f"It is {CODES['invisible bits'].encode(NAME)}, so.")


PARTS = [
    *"a1 Z=.-%\n", " Alden", " Crane", "QWxkZW4gQ3JhbmU=", "41 6c 64 65 6e ", "%41%6c", "é", "中文。",
    "house", ".- .-.. -.. . -.", " 65 108 100 101 110", "x" * 500, " " * 210,
    "aGUga2VwdCBuaW5lIGhpdmVzIGJlaGluZA==",
]  # fmt: skip
MIXED = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


@law
@given(st.data(), MIXED, st.booleans())
def test_it_keeps_the_laws(data: st.DataObject, text: str, active: bool) -> None:
    told = check(lambda: scanner(*(0,) * active, keen=active), data.draw(pieces(text)))
    assert all(0 <= found.span.start < found.span.end <= len(text) for found in told.findings)


def test_figures_of_base_16_backwards_are_read_though_they_show_letters_from_the_second_on() -> None:
    said = f"The father of the keeper, {NAME}, is a painter of houses."
    assert "[NOTICE]" in sent(f"So:\n{CODES['hexadecimal'].encode(said)[::-1]}\nit is.")
