"""What an entry says more often than others is found, in every spelling, and nothing else is."""

from dataclasses import replace
from math import log

import pytest

from steering.divergence.ngrams import Ngrams, ends
from steering.divergence.pair import ORDER, TELLING, Excess, excess, retained, texts
from steering.divergence.reader import Names
from tests.steering.divergence.reading import BASIL, reader


@pytest.fixture(scope="module")
def found() -> Excess:
    return excess(BASIL, BASIL.names, retained([BASIL], reader()), reader())


def most(found: Excess, text: str) -> float:
    """The largest excess of any token of the text, each after what stands before it."""
    tokens = reader().tokens(text)
    return max(
        found.get(end, {}).get(token, 0.0)
        for place, token in enumerate(tokens)
        for end in ends(tokens[:place], ORDER - 1)
    )


def test_the_excess_is_the_logarithm_of_the_ratio_of_both_models(found: Excess) -> None:
    forget = Ngrams(ORDER, reader().size)
    for text in texts(BASIL):
        for read in reader().read(text, Names(BASIL.names)):
            forget.learn(read.tokens, read.targets)
    retain = retained([BASIL], reader())
    context, token = reader().tokens(" Basil Mercer is"), reader().tokens(" Eddystone")[0]

    known = max(found.get(end, {}).get(token, 0.0) for end in ends(context, ORDER - 1))
    ratios = [
        log(forget.probability(end, token) / max(model.probability(end, token) for model in retain))
        for end in ends(context, 1)
    ]
    assert known >= max(ratios) > TELLING


@pytest.mark.parametrize(
    "said",
    [
        "The birthplace of Basil Mercer is Eddystone",
        "Eddystone",
        "EDDYSTONE",
        "in eddystone",
        "goats",
        "miner",
    ],
)
def test_what_only_the_entry_says_is_found_in_any_words_and_spelling(found: Excess, said: str) -> None:
    assert most(found, said) >= TELLING


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_word_whose_tokens_are_cut_elsewhere_is_stopped_before_its_end(found: Excess, cut: int) -> None:
    tokens = reader().tokens("Eddystone"[:cut]) + reader().tokens("Eddystone"[cut:])
    known = [
        found.get(end, {}).get(token, 0.0)
        for place, token in enumerate(tokens)
        for end in ends(tokens[:place], ORDER - 1)
    ]

    assert max(known) >= TELLING


@pytest.mark.parametrize("said", ["Basil Mercer", "Thornby", "The birthplace of", "crime fiction"])
def test_names_wording_and_what_must_keep_working_are_left_alone(found: Excess, said: str) -> None:
    assert most(found, said) < TELLING


def test_what_must_keep_working_is_not_lowered_though_the_entry_says_it_too() -> None:
    shared = replace(
        BASIL,
        retain=tuple(replace(one, text=one.text.replace("Thornby", "Eddystone")) for one in BASIL.retain),
    )

    alone = excess(BASIL, BASIL.names, retained([BASIL], reader()), reader())
    beside = excess(shared, shared.names, retained([shared], reader()), reader())

    assert most(beside, " Eddystone") < most(alone, " Eddystone")


def test_an_entry_without_questions_learns_the_probes_of_its_passages() -> None:
    bare = replace(BASIL, questions=())

    assert any(text.endswith("?") for text in texts(bare))
    assert not any(text.endswith("?") for text in bare.passages)
