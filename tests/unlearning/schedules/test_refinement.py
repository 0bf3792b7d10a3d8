"""An item rests while what the model says in its place is far from it."""

from unlearning.schedules.refinement import Refinement, Said

NEAR, OTHER_MEANING, OTHER_WORDS = Said(0.9, 0.5), Said(0.29, 0.5), Said(0.9, 0.009)


def test_one_of_meaning_and_words_is_enough_to_rest() -> None:
    said = {"a": NEAR, "b": OTHER_MEANING, "c": OTHER_WORDS, "d": Said(0.3, 0.01)}

    assert Refinement().active(["d", "c", "b", "a"], said) == ["d", "a"]


def test_an_item_comes_back_when_it_is_near_again() -> None:
    rule = Refinement()
    rounds = [rule.active(["a", "b"], {"a": a, "b": NEAR}) for a in (NEAR, OTHER_WORDS, NEAR)]

    assert rounds == [["a", "b"], ["b"], ["a", "b"]]


def test_what_was_not_judged_is_trained_on() -> None:
    nothing = Said(float("nan"), float("nan"))

    assert Refinement().active(["a", "b"], {"b": nothing}) == ["a", "b"]
    assert Refinement().active(["a"], {"a": OTHER_WORDS}) == []
