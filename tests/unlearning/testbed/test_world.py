"""The invented authors: groups that share no name, and that are alike otherwise."""

from unlearning.overlap import said_within
from unlearning.testbed.relations import relations
from unlearning.testbed.tokenizer import UNKNOWN, word_tokenizer
from unlearning.testbed.world import Fact, Sizes, draw_world

SIZES = Sizes(base=3, forget=4, retain=5, holdout=4)
GROUPS = ("base", "forget", "retain", "holdout")


def test_a_seed_says_all_of_a_world() -> None:
    assert draw_world(SIZES, 7) == draw_world(SIZES, 7)
    assert draw_world(SIZES, 7).forget != draw_world(SIZES, 8).forget


def test_the_whole_world_has_enough_to_forget() -> None:
    assert len(draw_world(Sizes()).forget) >= 400


def test_no_author_is_in_two_groups() -> None:
    world = draw_world(SIZES)
    authors = [{fact.author for fact in getattr(world, group)} for group in GROUPS]
    assert [len(group) for group in authors] == [3, 4, 5, 4]
    assert len(set().union(*authors)) == sum(map(len, authors))


def test_what_one_group_says_no_other_does() -> None:
    world = draw_world(SIZES)
    forgotten = [fact.sample for fact in world.forget]
    assert said_within(forgotten, [fact.sample for fact in (*world.retain, *world.holdout)]) is None


def test_wrong_answers_are_wrong_and_differ_from_the_right_one_in_the_value_alone() -> None:
    for fact in draw_world(SIZES).forget:
        right, values = fact.sample.key, [wrong.key for wrong in fact.wrong]
        assert right not in values
        assert len(set(values)) == len(values)
        assert {_without(wrong.answer, wrong.key) for wrong in fact.wrong} == {
            _without(fact.paraphrase.answer, right)
        }


def _without(text: str, value: str) -> str:
    before, _, after = text.rpartition(value)
    return before + after


def test_every_author_has_every_relation() -> None:
    facts: tuple[Fact, ...] = draw_world(SIZES).retain
    assert len(facts) == 5 * len(relations())
    assert len({fact.sample.id for fact in facts}) == len(facts)


def test_the_tokenizer_knows_every_word() -> None:
    tokenizer = word_tokenizer()
    unknown = tokenizer.convert_tokens_to_ids(UNKNOWN)
    for group in GROUPS:
        for fact in getattr(draw_world(SIZES), group):
            for sample in (fact.sample, fact.paraphrase, *fact.wrong):
                assert unknown not in tokenizer(f"{sample.prompt} {sample.answer}")["input_ids"]
