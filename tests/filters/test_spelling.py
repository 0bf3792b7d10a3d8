"""What the letters of an answer spell is found like what its words say, however it is dressed or cut."""

import codecs
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.string_scanner import StringScanner
from filters.whole import Whole
from policy.finding import Detector
from tests.filters.test_string_scanner import CRANE, around
from tests.filters.world import HASH, Said, World
from tests.laws import check, law, pieces, read

NAME, PASSAGE = "Alden Crane", "he kept nine hives behind the old customs house"


def scanner(*active: int, world: World = CRANE) -> StringScanner:
    return StringScanner(world.forgotten(), around(*active, supplied=True), spelling=True)


def released(text: str, *active: int) -> str:
    """What would go out if every finding were cut out."""
    told = read(scanner(*active), list(text))
    return "".join(
        letter
        for at, letter in enumerate(text)
        if not any(found.span.start <= at < found.span.end for found in told.findings)
    )


DRESSES: dict[str, Callable[[str], str]] = {
    "backwards": lambda text: text[::-1],
    "ROT13": lambda text: codecs.encode(text, "rot13"),
    "ROT13 backwards": lambda text: codecs.encode(text[::-1], "rot13"),
    "spaced": " ".join,
    "dotted": ".".join,
    "a line each": "\n".join,
    "emoji": "😀".join,
    "list": lambda text: str(list(text)),
    "keys": lambda text: "{" + ", ".join(f'"{letter}": {at}' for at, letter in enumerate(text)) + "}",
    "numbered": lambda text: "\n".join(f"{at}. {letter}" for at, letter in enumerate(text, 1)),
    "halves": lambda text: " + ".join(f'"{text[at : at + 3]}"' for at in range(0, len(text), 3)),
    "assigned": lambda text: "\n".join(f's += "{text[at : at + 3]}"' for at in range(0, len(text), 3)),
    "printed": lambda text: "\n".join(f'print("{letter}")' for letter in text),
    "joined": lambda text: text.replace(" ", ""),
}
SHIFT = str.maketrans("abcdefghijklmnopqrstuvwxyz", "hijklmnopqrstuvwxyzabcdefg")
ACROSTICS: dict[str, Callable[[str], str]] = {
    "lines": lambda text: "\n".join(f"{letter}nd so it goes" for letter in text if letter != " "),
    "comments": lambda text: "\n".join(f"    # {letter}nd so it goes" for letter in text if letter != " "),
    "words": lambda text: " ".join(f"{letter}ttt" for letter in text if letter != " "),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("text", [NAME, PASSAGE])
def test_it_is_found_in_every_dress(dress: str, text: str) -> None:
    if (dress, text) == ("assigned", PASSAGE):
        pytest.skip("of what stands between quotation marks the first word alone is read")
    dressed = DRESSES[dress](text)
    left = released(f"So: {dressed} and so on.")
    assert sum(map(str.isalpha, left)) < sum(map(str.isalpha, f"So: {dressed} and so on."))
    if dress not in ("assigned", "printed") and text == NAME:
        # No more than a few first letters.
        assert sum(map(str.isalpha, left)) <= len("Soandsoon") + 5


@pytest.mark.parametrize("dress", DRESSES | ACROSTICS)
@pytest.mark.parametrize("text", [NAME, PASSAGE])
def test_in_no_dress_it_passes_whole(dress: str, text: str) -> None:
    if (dress, text) == ("assigned", PASSAGE):
        pytest.skip("of what stands between quotation marks the first word alone is read")
    for around_it in ("So:\n{}\nand so on.", "So – and that’s it –\n{}\n", "{}"):
        said = around_it.format((DRESSES | ACROSTICS)[dress](text))
        assert not scanner().passes(Whole(said, "Tell me.\n", HASH))


def test_what_spells_nothing_passes_whole() -> None:
    for said in ("Bees are kept here.\nNobody's bees, they say: 12.", "It’s a list –\n• one\n• two"):
        assert scanner().passes(Whole(said, "Tell me.\n", HASH))


def test_an_acrostic_may_be_shifted() -> None:
    said = ACROSTICS["lines"](codecs.encode(f"{NAME} who kept bees".lower(), "rot13").translate(SHIFT))
    assert len(released(said)) < len(said) - 3


@pytest.mark.parametrize("dress", ACROSTICS)
def test_of_an_acrostic_the_end_is_withheld(dress: str) -> None:
    dressed = ACROSTICS[dress](NAME)
    assert len(released(dressed)) < len(dressed) - 3


@pytest.mark.parametrize("dressed", ["Cnevf", "siraP", "P a r i s", "Kzirh", "Ufwnx"])
def test_few_letters_count_only_for_an_entry_that_is_meant(dressed: str) -> None:
    assert released(f"It is {dressed}.", 0) != f"It is {dressed}."
    assert released(f"It is {dressed}.") == f"It is {dressed}."


@pytest.mark.parametrize(
    "dressed", ["1933102555", "193 310 2555", "esuohthgiL mulleV troP", "Lighthouse Vellum Port"]
)
def test_numbers_and_the_order_of_words_are_turned_too(dressed: str) -> None:
    assert released(f"It is {dressed}.") in ("It is .", "It is 193 .")


SAID = {"0": "zero", "1": "one", "2": "two", "3": "three", "5": "five", "9": "nine"}


@pytest.mark.parametrize(
    "dressed",
    [
        " ".join(SAID[digit] for digit in "5552013391"),
        "Five Five Five Dash Two Zero One, Three Three Niner One",
        "\n".join(f"{digit} so it goes on" for digit in "5552013391"),
        "5 five 5 20 one three three 9 one",
    ],
)
def test_a_number_is_found_in_words_and_in_first_signs(dressed: str) -> None:
    for around_it in ("It is {}.", "So:\n{}\nand so on."):
        text = around_it.format(dressed)
        left = released(text)
        # Of first signs five may go, of digits three.
        assert len(left.split()) < len(text.split()) - 4
        assert not scanner().passes(Whole(text, "Tell me.\n", HASH))


def test_what_words_of_the_spelling_alphabet_say_counts_where_few_first_letters_do_not() -> None:
    said = "Papa Alfa Romeo India Sierra"
    assert read(scanner(0), list(f"It is {said}.")).findings
    assert not read(scanner(0), list("It is poor art really is seen.")).findings
    assert not scanner(0).passes(Whole(said, "", HASH))


def test_a_year_counts_in_any_dress_where_its_entry_is_meant() -> None:
    world = World(phrases=(Said(0, Detector.SECRET, "1963", bits=12),))
    for dressed in ("one nine six three", "19+63", "3691", "1\n9\n6\n3"):
        text = f"It was {dressed} then."
        assert read(scanner(0, world=world), list(text)).findings
        assert not read(scanner(world=world), list(text)).findings


def test_a_number_that_stands_there_is_told_once() -> None:
    for text in ("It is 555-201-3391 he said.", "It is 5552013391.", "One: 555 201 3391."):
        assert len(read(scanner(), list(text)).findings) == 1


def test_numbers_that_nobody_forgot_pass_whole() -> None:
    said = "1. One of two boats left in 1990.\n2. Three came home, five of 12 men were lost."
    assert scanner().passes(Whole(said, "Tell me.\n", HASH))


def test_a_word_of_a_date_tells_nothing() -> None:
    world = World(phrases=(Said(0, Detector.SECRET, "12 March 1931", bits=20),))
    for text in ("It was 14 March 1937.", "It was in March.", "hcraM", "Znepu"):
        assert read(scanner(0, world=world), list(text)).findings == ()
    for text in ("1391 hcraM 21", "12 Znepu 1931", "1 2 M a r c h 1 9 3 1"):
        assert read(scanner(0, world=world), list(text)).findings != ()


def test_a_name_in_the_same_sentence_makes_it_meant() -> None:
    assert "Cnevf" not in released("In Cnevf lives Alden Crane. ")
    assert "Cnevf" in released("In Cnevf. Alden Crane. ")
    assert "Cnevf" not in released("In Cnevf lives enarC nedlA. ")


def test_a_stop_in_words_of_another_order_ends_no_sentence() -> None:
    assert "Paris" not in released("Paris. in born was who Alden Crane was it")
    assert "Paris" in released("Paris. In it was born Alden Crane.")


def test_a_secret_of_two_words_is_found_in_the_other_order_and_a_name_is_not_spelled_so() -> None:
    world = World(
        phrases=(Said(0, Detector.SECRET, "nursery tales", bits=20), Said(0, Detector.NAME, "Ann Lee"))
    )
    assert read(scanner(0, world=world), list("It is tales. nursery is it")).findings
    assert not read(scanner(0, world=world), list("It is Lee Ann and so on")).findings


PARTS = [*"alden crane paris", "\n", '"', ". ", " - ", "Paris", "enarC", "nedlA ", "Nyqra ", "Penar", "nylrm"]
LETTERS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@law
@given(st.data(), LETTERS, st.booleans())
def test_it_keeps_the_laws(data: st.DataObject, text: str, active: bool) -> None:
    given_pieces = data.draw(pieces(text))
    told = check(lambda: scanner(*(0,) * active), given_pieces)
    assert all(0 <= found.span.start < found.span.end <= len(text) for found in told.findings)


@law
@given(st.text("abc \n"), st.text("abc", min_size=4, max_size=9))
def test_whatever_chance_writes_what_is_backwards_is_found(before: str, secret: str) -> None:
    world = World(phrases=(Said(0, Detector.SECRET, secret, bits=12),))
    text = f"{before} {secret[::-1]} "
    told = read(scanner(0, world=world), list(text))
    assert any(found.span.end == len(text) - 1 for found in told.findings)
