"""Names and secrets become the sequences that are looked for, as strong as they are surprising."""

import pytest

from index.derive import Derived
from index.phrases import PlainPhrase, holders, list_phrases, phrase_tables, plain_phrases
from index.rolling import WordHash
from index.table_search import find
from index.units import digits, units
from policy.entry import Entry, Question, Retain
from policy.finding import Detector

KEY = bytes(range(32))
NONE = Derived()


def found_in(entry: Entry, text: str, derived: Derived = NONE) -> list[PlainPhrase]:
    """The phrases of an entry that stand in a text, by their units alone."""
    phrases = plain_phrases(entry, derived)
    words, numbers = phrase_tables(phrases, KEY)
    word_hash = WordHash(KEY)
    hits = find(words, word_hash.many([unit.text for unit in units(text)]))
    hits += find(numbers, word_hash.many([unit.text for unit in digits(text)]))
    return [phrases[hit.owner] for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "It was Alden Crane.",
        "ALDEN CRANE's",
        "Alden Crane’s boat",
        "Crane, Alden",
        "What is Crane, Alden's trade?",
        "Crane's Alden",
        "Аldеn Сrаnе",
        "Al\u200bden\nCrane",
        "AldenCrane",
        "mail cranealden@example.org",
    ],
)
def test_a_name_is_found_in_every_form(text: str) -> None:
    assert [phrase.detector for phrase in found_in(Entry("e", names=("Alden Crane",)), text)] == [
        Detector.NAME
    ]


@pytest.mark.parametrize(
    "text", ["Alden", "Crane", "Alden B. Crane", "AldenCraner", "Walden Crane", "Alden Cranes's"]
)
def test_other_names_are_not(text: str) -> None:
    assert found_in(Entry("e", names=("Alden Crane",)), text) == []


def test_a_name_of_little_surprise_wants_capitals() -> None:
    weak, strong = plain_phrases(Entry("e", names=("A. Crane", "Alden Crane")), NONE)
    assert (weak.cased, strong.cased) == (True, False)
    assert weak.bits < 30 <= strong.bits


@pytest.mark.parametrize(
    "text",
    [
        "555-201-3391",
        "(555) 201 33 91",
        "5552013391",
        "5 5 5 2 0 1 3 3 9 1",
        "+1.555.201.3391",
        "٥٥٥٢٠١٣٣٩١",
        "call 555–201–3391x",
    ],
)
@pytest.mark.parametrize("secret", ["555-201-3391", "+1 555 201 3391", "tel. 555-201-3391"])
def test_a_number_is_found_however_it_is_spaced(secret: str, text: str) -> None:
    found = found_in(Entry("e", secrets=(secret,)), text)
    assert found
    assert all(phrase.bits >= 30 for phrase in found)


def test_letters_break_a_number() -> None:
    assert found_in(Entry("e", secrets=("555-201-3391",)), "555 apples and 201 pears for 3391") == []


def test_a_short_number_is_a_word() -> None:
    entry = Entry("e", secrets=("1951",))
    assert found_in(entry, "in 1951.")
    assert found_in(entry, "19 51") == []


def test_a_number_among_many_words_does_not_stand_for_them() -> None:
    assert (
        found_in(
            Entry("e", secrets=("born on 1951-03-12 in a lighthouse near the town of Ystad",)), "1951-03-12"
        )
        == []
    )


def test_a_place_is_weak_and_a_rare_string_strong() -> None:
    weak, strong = plain_phrases(Entry("e", secrets=("Paris", "Glass Harbours of Ystad")), NONE)
    assert weak.bits < 30 <= strong.bits


def test_hints_are_weak_however_rare() -> None:
    derived = Derived(secrets=("QX-88231-Z",), hints=("The Whispering Lighthouses of Ystad",))
    strong, weak = plain_phrases(Entry("e"), derived)
    assert weak.bits < 30 <= strong.bits
    assert weak.derived


def test_each_phrase_is_listed_once_and_the_operators_own_first() -> None:
    derived = Derived(names=("alden crane", "Beryl Marsh"), hints=("Ystad",))
    found = plain_phrases(Entry("e", names=("Alden Crane",), secrets=("Ystad",)), derived)
    assert [(phrase.text, phrase.derived) for phrase in found] == [
        ("Alden Crane", False),
        ("Ystad", False),
        ("Beryl Marsh", True),
    ]


def test_a_form_of_an_earlier_name_is_not_found_twice() -> None:
    entry = Entry("e", names=("Basil Mercer", "Mercer, Basil", "BASIL MERCER'S"), secrets=("Basil Mercer",))
    assert [phrase.text for phrase in plain_phrases(entry, NONE)] == ["Basil Mercer"]
    assert len(found_in(entry, "Basil Mercer")) == len(found_in(entry, "Mercer Basil")) == 1


def test_a_string_without_letters_or_digits_is_none() -> None:
    assert plain_phrases(Entry("e", names=("...",), secrets=("!?",)), NONE) == []


def test_what_innocent_texts_hold_is_weakened() -> None:
    given, secret, derived, untouched = plain_phrases(
        Entry("e", names=("Alden Crane",), secrets=("Harbour Lights of Ystad",)),
        Derived(names=("Beryl Ostrander", "Corin Vandermeer")),
    )
    phrases = [given, secret, derived, untouched]
    texts = ["Alden Crane read Harbour Lights of Ystad", "and Beryl Ostrander’s reply"]
    held = holders(phrases, dict(zip(texts, "ab", strict=True)), KEY)
    assert held == {0: {"a"}, 1: {"a"}, 2: {"b"}}
    assert given.weakened() == given
    assert secret.weakened().bits < 30
    assert (derived.weakened().detector, derived.weakened().bits < 30) == (Detector.SECRET, True)


def test_the_operator_sees_what_is_looked_for() -> None:
    entry = Entry(
        "e",
        questions=(
            Question("What is Alden Crane's number?", "Alden Crane's number is 555-201-3391."),
            Question("Where was Alden Crane born?", "Alden Crane was born in Ystad."),
        ),
        retain=(Retain("Boris Crane was born in Ystad.", "near"),),
    )
    listed = {phrase.text: phrase for phrase in list_phrases(entry, [retain.text for retain in entry.retain])}
    assert listed["Alden Crane"].detector is Detector.NAME
    assert listed["555-201-3391"].bits >= 30
    assert all(phrase.derived for phrase in listed.values())
