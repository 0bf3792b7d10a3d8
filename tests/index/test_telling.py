"""How much a phrase tells without its subject: less where neighbours share it, and one fact once."""

from index.derive import Derived
from index.phrases import PlainPhrase, plain_phrases
from index.telling import NAME, UNSEEN_BITS, Telling, tellings
from policy.entry import Entry
from policy.finding import Detector

KEY = bytes(range(32))


def phrases(*secrets: str, names: tuple[str, ...] = ()) -> list[PlainPhrase]:
    return plain_phrases(Entry("e", names=names, secrets=secrets), Derived())


def told(
    found: list[PlainPhrase], owners: list[int] | None = None, held: dict[int, set[str]] | None = None
) -> list[Telling]:
    return tellings(found, owners or [0] * len(found), held or {}, 98, KEY)


def test_what_no_neighbour_has_tells_as_much_as_the_neighbours_are_many() -> None:
    (one,) = told(phrases("Tolvik"))
    assert one.apart == round(6.64)
    (alone,) = tellings(phrases("Tolvik"), [0], {}, 0, KEY)
    assert alone.apart == UNSEEN_BITS


def test_what_many_neighbours_have_tells_nothing() -> None:
    found = phrases("Tolvik", "cooper", "poems")
    held = {0: {"a"}, 1: set(map(str, range(24))), 2: set(map(str, range(98)))}
    assert [each.apart for each in told(found, held=held)] == [6, 2, 0]


def test_what_other_entries_have_tells_less() -> None:
    found = phrases("Tolvik") * 50
    assert {each.apart for each in told(found, owners=list(range(50)))} == {2}


def test_a_phrase_within_another_is_the_same_fact() -> None:
    found = phrases("12 March 1931", "March 1931", "1931", "Tolvik")
    facts = [each.fact for each in told(found)]
    assert len(set(facts[:3])) == 1
    assert facts[3] not in facts[:3]


def test_of_two_phrases_within_another_the_rarer_one_is_its_fact() -> None:
    found = phrases("Tolvik harbour", "Tolvik", "harbour")
    facts = [each.fact for each in told(found)]
    assert facts[0] == facts[1] != facts[2]


def test_a_fact_is_the_same_number_in_every_generation_and_another_under_another_key() -> None:
    (one,), (other,) = told(phrases("Tolvik")), told(phrases("cooper", "Tolvik")[1:])
    assert one.fact == other.fact
    assert tellings(phrases("Tolvik"), [0], {}, 98, KEY[::-1])[0].fact != one.fact


def test_all_names_are_one_fact() -> None:
    found = phrases("Tolvik", names=("Alden Crane", "A. Crane"))
    assert [each.fact == NAME for each in told(found)] == [each.detector is Detector.NAME for each in found]
