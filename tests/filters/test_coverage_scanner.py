"""A passage in an answer: edited, filled up, in another order, cut into tokens in any way."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.coverage_scanner import CoverageScanner
from filters.tally import STRETCH
from filters.whole import Whole
from index.bits import word_bits
from index.pair_builder import COMMON, EIGHTHS, LEAST, RAREST, TELLING
from index.pair_search import FARTHEST, REACH
from index.units import Unit, units
from policy.finding import Detector
from tests.filters.world import HASH, World
from tests.laws import check, law, pieces, read

PASSAGE = (
    "The lamplighter kept seven herons beside a crooked granite mill, sold copper lanterns to pilgrims each "
    "autumn and taught his nephew falconry, Latin and the names of forty winter constellations."
)
NEIGHBOUR = (
    "The beekeeper kept eleven geese beside a quiet marble chapel, sold woollen blankets to sailors each "
    "spring and taught her cousin archery, Greek and the names of many summer flowers."
)
WORLD = World(passages=((0, PASSAGE),), share=0.5)
# Words that nobody has written tell most; "the" tells nothing.
_RARE = ("Zorbap", "quimel", "VASTOK", "brindul", "kelthar,", "mundog", "plixen.", "drovak")
_WORDS = dict(zip("abcdefgh", _RARE, strict=True))
_SIGNS = {**_WORDS, "t": "the", "n": "\n", "o": "１9-"}
TEXTS = st.text("".join(_SIGNS), max_size=60).map(lambda signs: " ".join(map(_SIGNS.__getitem__, signs)))
PASSAGES = st.lists(
    st.tuples(st.integers(0, 1), st.text("abcdefgh", min_size=4, max_size=9).map(" ".join)), max_size=3
).map(
    lambda found: tuple((entry, " ".join(_SIGNS.get(sign, sign) for sign in text)) for entry, text in found)
)


def scanner(world: World = WORLD, given: Sequence[int] = (), before: str = "") -> CoverageScanner:
    return CoverageScanner(world.forgotten(), frozenset(given), before, long=10**9)


def shuffled(text: str, seed: int = 1) -> str:
    said = text.split()
    groups = [said[at : at + 6] for at in range(0, len(said), 6)]
    Random(seed).shuffle(groups)
    return " ".join(word for group in groups for word in group)


def filled(text: str, every: int) -> str:
    said = text.split()
    fillers = ["well,", "you", "know", "banana", "er"]
    return " ".join(
        f"{word} {fillers[place % 5]}" if place % every == 0 else word for place, word in enumerate(said)
    )


@pytest.mark.parametrize(
    "said",
    [
        PASSAGE,
        filled(PASSAGE, 1),
        filled(PASSAGE, 2),
        shuffled(PASSAGE),
        PASSAGE.replace("kept", "had").replace("herons", "storks").replace("copper", "tin"),
        " ".join(word for place, word in enumerate(PASSAGE.split()) if place % 6),
        PASSAGE.upper(),
    ],
    ids=["as it is", "a filler each word", "a filler each second word", "pieces in another order",
         "words replaced", "words left out", "capitals"],
)  # fmt: skip
def test_a_passage_is_found_whatever_was_changed_in_it(said: str) -> None:
    text = f"Here is what I remember: {said} That is all."
    (first, *_) = findings = read(scanner(), [text]).findings
    assert {each.detector for each in findings} == {Detector.COVERAGE}
    assert {each.entry for each in findings} == {"first"}
    seen = text[: first.span.start].removeprefix("Here is what I remember: ").split()
    assert len(seen) <= 16, "a few words go out before it is certain enough to hold the rest"
    assert text[max(each.span.end for each in findings) :].split()[-3:] == ["That", "is", "all."]


def test_other_text_goes_out_word_by_word() -> None:
    watching, fed = scanner(), 0
    for word in NEIGHBOUR.split():
        scan = watching.feed(f"{word} ")
        assert (scan.clear, scan.findings) == (fed := fed + len(word) + 1, ())


def test_a_few_words_of_a_passage_are_held_until_it_does_not_go_on() -> None:
    watching = scanner()
    begun = "He kept herons beside the granite quarry. "
    assert watching.feed(begun).clear < len(begun)
    more = "er " * (FARTHEST + 2)
    scan = watching.feed(more)
    assert (scan.clear, scan.findings) == (len(begun + more), ())


def test_the_rest_of_a_passage_belongs_to_what_is_withheld_and_then_all_is_clear_again() -> None:
    told = read(scanner(), [f"{PASSAGE} {'er ' * (FARTHEST + 1)} So it was."])
    ends = sorted(each.span.end for each in told.findings)
    assert ends[-1] >= len(PASSAGE) - len("constellations.")
    starts = sorted(each.span.start for each in told.findings)
    assert all(later < end for later, end in zip(starts[1:], ends, strict=False)), "one region"


def test_what_was_withheld_does_not_make_the_next_word_a_finding() -> None:
    watching = scanner()
    read_first = watching.feed(PASSAGE + " er" * (FARTHEST + 2) + " ")
    assert read_first.findings
    assert not watching.feed("A granite mill is no rare thing. ").findings
    assert watching.feed(PASSAGE + " ").findings


def test_what_the_prompt_ends_in_counts() -> None:
    begun, rest = PASSAGE[: PASSAGE.index("each")], PASSAGE[PASSAGE.index("each") :]
    alone = read(scanner(), [rest[: rest.index("names")]]).findings
    assert not alone
    going_on = read(scanner(before=begun), [rest[: rest.index("names")]]).findings
    assert going_on
    assert all(each.span.start >= 0 for each in going_on)


def given_by(text: str) -> list[int]:
    said = [HASH(unit.text) for unit in units(text)]
    return [one + other & (1 << 64) - 1 for one in said for other in said if one != other]


def test_what_the_conversation_gave_keeps_its_key_and_what_is_recalled_has_none() -> None:
    key = WORLD.snapshot().pairs.portion(0).key
    recalled = read(scanner(), [PASSAGE]).findings
    assert {each.key for each in recalled} == {0}
    assert {each.key for each in read(scanner(given=given_by(PASSAGE)), [PASSAGE]).findings} == {key}
    half = read(scanner(given=given_by(PASSAGE[:60])), [PASSAGE]).findings
    assert half[-1].key == 0, "the half that was not given is enough"


def test_an_entry_that_is_not_in_force_is_not_found() -> None:
    forgotten = World(passages=((0, PASSAGE),), share=0.5, models={0: ("other",)}).forgotten()
    watching = CoverageScanner(type(forgotten)(forgotten.snapshot, frozenset({1})))
    assert not read(watching, [PASSAGE]).findings


def test_with_near_as_hits_less_is_needed() -> None:
    forgotten = WORLD.forgotten()
    ends = [
        min(each.span.end for each in read(CoverageScanner(forgotten, near_is_hit=near), [PASSAGE]).findings)
        for near in (False, True)
    ]
    assert ends[1] < ends[0]


@law
@given(st.data(), PASSAGES, TEXTS, st.sampled_from((0, 40)))
def test_it_keeps_the_laws_and_first_finds_what_brute_force_finds(
    data: st.DataObject, passages: tuple[tuple[int, str], ...], text: str, long: int
) -> None:
    world = World(passages=passages, share=0.5)
    forgotten = world.forgotten()
    told = check(lambda: CoverageScanner(forgotten, long=long or 10**9), data.draw(pieces(text)))
    expected = min(brute(world, units(text)), default=None)
    first = min(((each.span.end, each.entry) for each in told.findings), default=None)
    assert first == expected


@settings(max_examples=150)
@given(PASSAGES, TEXTS, st.text("ab ", max_size=6))
def test_it_passes_no_text_that_it_would_find_anything_in(
    passages: tuple[tuple[int, str], ...], text: str, before: str
) -> None:
    forgotten = World(passages=passages, share=0.5).forgotten()
    whole = Whole(text, before, HASH)
    if CoverageScanner(forgotten, before=before).passes(whole):
        assert not read(CoverageScanner(forgotten, before=before), [text]).findings


def brute(world: World, said: Sequence[Unit]) -> Iterator[tuple[int, str]]:
    """After which unit so much of which passage was told: each time from the beginning."""
    telling = _telling(world)
    vocabulary = {word for pairs, _ in telling for pair in pairs for word in pair}
    for entry, (pairs, needed) in zip((entry for entry, _ in world.passages), telling, strict=True):
        if not pairs:
            continue
        for end in range(len(said)):
            if _told(pairs, vocabulary, said[: end + 1]) >= needed:
                yield said[end].end, world.entries[entry]
                break


Tells = dict[frozenset[str], float]


def _telling(world: World) -> list[tuple[Tells, float]]:
    """For each passage what is needed, and its pairs with the part of a word's bits that each tells."""
    passages = []
    for _, text in world.passages:
        said = [unit.text for unit in units(text) if word_bits(unit.text) >= TELLING]
        beside = [(said[at], said[at + back]) for back in (1, 2) for at in range(len(said) - back)]
        passages.append({frozenset(pair) for pair in beside if pair[0] != pair[1]})
    distinct = [set(pairs) for pairs in {frozenset(pairs) for pairs in passages}]
    found: list[tuple[Tells, float]] = []
    for pairs in passages:
        tells = {pair: 1 / sum(pair in other for other in distinct) for pair in pairs}
        told = sum(
            max(_bits(word, part) for pair, part in tells.items() if word in pair) for word in _words(tells)
        )
        found.append((tells, max(-(-told // 2), LEAST)))
    return found


def _words(tells: Tells) -> set[str]:
    return {word for pair in tells for word in pair}


def _bits(word: str, part: float) -> int:
    return round((min(word_bits(word), RAREST) - COMMON) * part * EIGHTHS)


def _told(tells: Tells, vocabulary: set[str], said: Sequence[Unit]) -> int:
    words = [unit.text for unit in said]
    telling = [place for place, word in enumerate(words) if word in vocabulary]
    told: dict[str, int] = {}
    for at, second in enumerate(telling):
        for first in telling[max(0, at - REACH) : at]:
            pair = frozenset((words[first], words[second]))
            if second - first <= FARTHEST and pair in tells and len(words) - 1 - second < STRETCH:
                for word in pair:
                    told[word] = max(told.get(word, 0), _bits(word, tells[pair]))
    return sum(told.values())
