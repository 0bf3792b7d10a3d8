"""The exact detectors keep the scanner laws and find what their rules say, tried against brute force."""

from collections.abc import Sequence
from math import inf
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters import stretches
from filters.json_view import JsonScanner
from filters.scan import Scanner
from filters.sentence_end import LONGEST, goes_on, sentence_end
from filters.string_scanner import StringScanner, Surroundings
from index.units import Unit, digits, units
from policy.finding import Detector, Finding
from tests.filters.texts import ANY, MIXED, worlds
from tests.filters.world import Said, World, occurrences
from tests.laws import check, law, pieces, read

Span = tuple[int, int, str, str]

CRANE = World(
    passages=((0, "he kept nine hives behind the old customs house"),),
    phrases=(
        Said(0, Detector.NAME, "Alden Crane"),
        Said(0, Detector.SECRET, "Paris", bits=12),
        Said(0, Detector.SECRET, "Port Vellum Lighthouse"),
        Said(0, Detector.SECRET, "5552013391"),
        Said(0, Detector.SECRET, "4711", bits=13),
        Said(0, Detector.NAME, "A Crane", bits=20, cased=True),
    ),
)


def around(*active: int, supplied: bool = False) -> Surroundings:
    return Surroundings(lambda place: place in active, lambda _run: supplied)


def scanner(world: World, *active: int, before: str = "") -> StringScanner:
    return StringScanner(world.forgotten(), around(*active, supplied=True), before)


def found(world: World, text: str, *active: int) -> list[str]:
    """The texts of what is found, in order."""
    told = read(scanner(world, *active), [text])
    return [text[each.span.start : each.span.end] for each in told.findings]


def brute(world: World, text: str, active: Sequence[int]) -> list[Span]:
    """Rules 1 and 2, from the whole text and nothing else."""
    words, figures = units(text), digits(text)
    strong = [(entry, span) for entry, span in _windows(world, words)]
    weak: list[tuple[int, Span]] = []
    for said in world.phrases:
        stream = figures if said.numeric else words
        for place in occurrences(stream, said.words):
            stretch = stream[place : place + len(said.words)]
            if said.cased and not all(unit.capital or unit.text.isdigit() for unit in stretch):
                continue
            start, end = _whole_words(words, stretch)
            span = (start, end, world.entries[said.entry], said.detector.value)
            is_strong = said.detector is Detector.NAME or said.bits >= 30
            (strong if is_strong else weak).append((said.entry, span))
    first = {entry: min(span[0] for owner, span in strong if owner == entry) for entry, _ in strong}
    counting = [
        span
        for entry, span in weak
        if entry in active or first.get(entry, inf) < _sentence_end(text, span[1])
    ]
    return sorted([span for _, span in strong] + counting)


def _whole_words(words: Sequence[Unit], stretch: Sequence[Unit]) -> tuple[int, int]:
    """The span of all words that any of these units stands in."""
    touched = [word for word in words if word.start < stretch[-1].end and stretch[0].start < word.end]
    return min(word.start for word in touched), max(word.end for word in touched)


def _windows(world: World, words: Sequence[Unit]) -> list[tuple[int, Span]]:
    found = []
    for entry, window in world.windows():
        for place in occurrences(words, window):
            start = words[place + min(world.reveal, len(window) - 1)].start
            end = words[place + len(window) - 1].end
            found.append((entry, (start, end, world.entries[entry], Detector.VERBATIM.value)))
    return found


def _sentence_end(text: str, start: int) -> int:
    end = sentence_end(text, start)
    return min(start + LONGEST, len(text) if end is None or goes_on(text, end) else end)


def spans(findings: Sequence[Finding]) -> list[Span]:
    return sorted((each.span.start, each.span.end, each.entry, each.detector.value) for each in findings)


@law
@given(st.data(), worlds(), MIXED | ANY, st.sets(st.integers(0, 1)))
def test_it_keeps_the_laws_and_finds_what_brute_force_finds(
    data: st.DataObject, world: World, text: str, active: set[int]
) -> None:
    given_pieces = data.draw(pieces(text))
    forgotten = world.forgotten()
    told = check(lambda: StringScanner(forgotten, around(*active, supplied=True)), given_pieces)
    assert spans(told.findings) == brute(world, text, sorted(active))


def all_told(world: World, given_pieces: Sequence[str], long: int, before: str = "") -> object:
    """All that a scanner says, piece by piece, when pieces and stretches of that length are long."""
    reading = StringScanner(world.forgotten(), around(0), before, long=long)
    with mock.patch.object(stretches, "MOST", long):
        scans = [*map(reading.feed, given_pieces), reading.finish()]
    findings = sorted((each for scan in scans for each in scan.findings), key=repr)
    near = sorted((span for scan in scans for span in scan.near), key=repr)
    return [scan.clear for scan in scans], findings, near, reading.since


@law
@given(
    st.data(), worlds(), st.text("xyz", max_size=20), MIXED, st.text("xy7", max_size=20), st.integers(8, 30)
)
def test_reading_in_bulk_changes_nothing(
    data: st.DataObject, world: World, first: str, text: str, last: str, long: int
) -> None:
    whole = f"{' '.join(first)} {text} {' '.join(last)}\n{text}"
    given_pieces, before = data.draw(pieces(whole)), data.draw(MIXED)
    bulk, one_by_one = (all_told(world, given_pieces, size, before) for size in (long, len(whole) + 1))
    assert bulk == one_by_one


@pytest.mark.parametrize(
    "string",
    [
        "he kept nine hives behind the old customs house",
        "he kept nine hives behind the old bridge",
        "Alden Crane",
        "in Paris, says Alden Crane",
        "555-201-3391",
        "x555 201 x 3391",
        "5 5 5 2 0 1 3 3 9 1z",
    ],
)
def test_where_a_stretch_ends_changes_nothing(string: str) -> None:
    for size in range(25):
        text = "so far " * 7 + "it " * size + string + " and so on it goes" * 5
        for end in (len(text), text.index(string) + len(string) // 2):
            cut_once = [text[:end], text[end:]]
            assert all_told(CRANE, cut_once, 40) == all_told(CRANE, cut_once, len(text) + 1)


@law
@given(st.data(), worlds(), MIXED, st.booleans())
def test_over_json_it_keeps_the_laws_too(data: st.DataObject, world: World, text: str, twice: bool) -> None:
    escaped = text.replace("\n", "\\n").replace(
        "a", data.draw(st.sampled_from(("a", "\\u0061", "\\\\u0061")))
    )
    forgotten = world.forgotten()

    def make() -> Scanner:
        inner = JsonScanner(StringScanner(forgotten, around(0, supplied=True)))
        return JsonScanner(inner) if twice else inner

    told = check(make, data.draw(pieces(escaped)))
    assert all(0 <= found.span.start < found.span.end <= len(escaped) for found in told.findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nothing is here.", []),
        ("Ask Alden Crane.", ["Alden Crane"]),
        ("Ask alden  CRANE, a friend.", ["alden  CRANE"]),
        ("Ask A. Crane.", ["A. Crane"]),
        ("a crane flew by", []),
        ("Call 555-201-3391 now", ["555-201-3391"]),
        ("Call 5 5 5 (201) 33.91 now", ["5 5 5 (201) 33.91"]),
        ("Call 555 x 2013391 now", []),
        ("Call x555-201-3391y now", ["x555-201-3391y"]),
        ("at port vellum lighthouse", ["port vellum lighthouse"]),
    ],
)
def test_strong_strings_are_found_wherever_they_stand(text: str, expected: list[str]) -> None:
    assert found(CRANE, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris is lovely.", []),
        ("Paris is where Alden Crane was born.", ["Paris", "Alden Crane"]),
        ("Alden Crane was born there. I mean Paris.", ["Alden Crane", "Paris"]),
        ("Paris was where. Someone else is Alden Crane.", ["Alden Crane"]),
        ("Paris is where A. Crane was born.", ["Paris", "A. Crane"]),
        ("The code 47-11 is for Alden Crane.", ["47-11", "Alden Crane"]),
        ("The code is 4711 here. Alden Crane knows.", ["Alden Crane"]),
    ],
)
def test_an_ordinary_word_is_a_secret_only_beside_its_subject(text: str, expected: list[str]) -> None:
    assert found(CRANE, text) == expected


def test_an_ordinary_word_is_a_secret_where_the_conversation_is_about_its_subject() -> None:
    assert found(CRANE, "Paris.", 0) == ["Paris"]
    assert found(CRANE, "Paris.", 1) == []


def test_a_sentence_is_held_from_the_word_to_its_end_and_no_longer() -> None:
    reading = scanner(CRANE)
    assert reading.feed("I like Paris ").clear == 7
    assert reading.feed("in the spring").clear == 7
    assert reading.feed(". And ").clear == 32
    assert reading.feed("then").clear == 32


def test_a_name_that_begins_before_the_end_of_the_sentence_counts_however_it_is_cut() -> None:
    text = "Paris is of Alden. Crane knows."
    for given_pieces in ([text], list(text)):
        assert len(read(scanner(CRANE), given_pieces).findings) == 2


def test_an_endless_sentence_is_not_held_for_ever() -> None:
    reading = scanner(CRANE)
    reading.feed("Paris ")
    assert reading.feed("and on " * 200).clear > LONGEST


def test_the_prompts_tail_is_read_but_never_found() -> None:
    told = read(scanner(CRANE, before="Tell me of Alden Crane and Alden "), ["Crane."])
    assert spans(told.findings) == [(0, 5, "first", "name")]


def test_an_unfinished_window_of_an_active_entry_is_withheld() -> None:
    text = "So he kept nine hives behind"
    told = read(StringScanner(CRANE.forgotten(), around(0)), [text])
    assert [text[each.span.start :] for each in told.findings] == ["nine hives behind"]


@pytest.mark.parametrize(
    ("text", "surroundings"),
    [
        ("So he kept nine hives behind", around()),
        ("So he kept nine hives behind", around(1)),
        ("So he kept nine hives behind", around(0, supplied=True)),
        ("So he kept nine", around(0)),
        ("So he kept nine hives behind it", around(0)),
    ],
)
def test_other_endings_are_not_withheld(text: str, surroundings: Surroundings) -> None:
    assert read(StringScanner(CRANE.forgotten(), surroundings), [text]).findings == ()


def test_an_entry_that_is_not_in_force_is_not_found() -> None:
    """And so every example above can fail."""
    world = World(CRANE.passages, CRANE.phrases, models={0: ("other-*",)})
    text = "Paris is where Alden Crane was born; he kept nine hives behind the old customs house; 5552013391"
    forgotten = type(world.forgotten())(world.snapshot(), frozenset({1}))
    assert read(StringScanner(forgotten, around(0)), [text]).findings == ()
    assert read(StringScanner(world.forgotten(), around(0)), [text]).findings != ()
