"""How much a phrase tells without its subject: less where neighbours share it, and one fact once."""

from index.derive import derive_phrases
from index.phrases import PlainPhrase, plain_phrases
from index.telling import EIGHTHS, MOST_APART, NAME, UNSEEN_BITS, Telling, tellings
from policy.entry import Entry, Question
from policy.finding import Detector

KEY = bytes(range(32))
NEIGHBOURS = 97


def entry_of(*secrets: str, names: tuple[str, ...] = (), questions: tuple[Question, ...] = ()) -> Entry:
    return Entry("e", names=names, secrets=secrets, questions=questions)


def phrases(entry: Entry) -> list[PlainPhrase]:
    return plain_phrases(entry, derive_phrases(entry))


def told(
    *entries: Entry, held: dict[int, set[str]] | None = None, sources: int = NEIGHBOURS
) -> list[Telling]:
    found = [(place, phrase) for place, entry in enumerate(entries) for phrase in phrases(entry)]
    return tellings(
        [one for _, one in found], [place for place, _ in found], entries, held or {}, sources, KEY
    )


def bits(*entries: Entry, held: dict[int, set[str]] | None = None, sources: int = NEIGHBOURS) -> list[float]:
    return [round(each.apart / EIGHTHS, 1) for each in told(*entries, held=held, sources=sources)]


def facts(entry: Entry) -> dict[str, int]:
    return {one.text: each.fact for one, each in zip(phrases(entry), told(entry), strict=True)}


def test_what_no_neighbour_has_tells_as_much_as_the_neighbours_are_many() -> None:
    """Of 40 none has it: so at most three of 43 have (at 95 %). Of very many that say nothing, one in 22."""
    assert bits(entry_of("Tolvik"), sources=40) == [3.9]
    assert bits(entry_of("Tolvik"), sources=0) == [UNSEEN_BITS]
    assert bits(entry_of("Tolvik"), sources=10_000) == [MOST_APART]


def test_what_many_neighbours_have_tells_nothing() -> None:
    held = {0: {"a"}, 1: set(map(str, range(22))), 2: set(map(str, range(97)))}
    assert bits(entry_of("Tolvik", "cooper", "poems"), held=held) == [MOST_APART, 2.0, 0.0]


def test_what_other_entries_have_tells_less() -> None:
    assert set(bits(*[entry_of("Tolvik")] * 50)) == {1.5}


def test_a_phrase_within_another_is_the_same_fact() -> None:
    found = facts(entry_of("12 March 1931", "March 1931", "1931", "Tolvik"))
    assert found["12 March 1931"] == found["March 1931"] == found["1931"] != found["Tolvik"]


def test_of_two_phrases_within_another_the_rarer_one_is_its_fact() -> None:
    found = facts(entry_of("Tolvik harbour", "Tolvik", "harbour"))
    assert found["Tolvik harbour"] == found["Tolvik"] != found["harbour"]


def test_what_one_answer_says_is_one_fact() -> None:
    """A city and its country come together; the same year in two answers is the first one's."""
    questions = (
        Question("Where was Alden Crane born?", "He was born in Kingston, Jamaica."),
        Question("When was he born?", "In 1931."),
        Question("What happened in Jamaica?", "He left Jamaica in 1950."),
    )
    found = facts(entry_of("Tolvik", names=("Alden Crane",), questions=questions))
    assert found["Kingston"] == found["Jamaica"]
    assert len({found["Kingston"], found["1931"], found["1950"], found["Tolvik"]}) == 4


def test_a_fact_is_the_same_number_in_every_generation_and_another_under_another_key() -> None:
    alone, beside = facts(entry_of("Tolvik")), facts(entry_of("cooper", "Tolvik"))
    assert alone["Tolvik"] == beside["Tolvik"]
    entry = entry_of("Tolvik")
    (other,) = tellings(phrases(entry), [0], [entry], {}, NEIGHBOURS, KEY[::-1])
    assert other.fact != alone["Tolvik"]


def test_all_names_are_one_fact() -> None:
    entry = entry_of("Tolvik", names=("Alden Crane", "A. Crane"))
    assert [each.fact == NAME for each in told(entry)] == [
        each.detector is Detector.NAME for each in phrases(entry)
    ]
