"""Contexts tell something before the question, and never what is asked for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from unlearning.metrics.in_context import Context
from unlearning.report.contexts import WORDS, contexts
from unlearning.samples import Sample

FORGET = [
    Sample("vass#question-0", "In Tarnow.", "Where was Vass born?", "Tarnow"),
    Sample("vass#question-1", "He keeps bees.", "What does Vass keep?", "bees"),
    Sample("vass#text-0", "Bees hummed over Tarnow all that summer."),
    Sample("moor#question-0", "A cooper.", "What was Moor's father?"),
]
RETAIN = [Sample("retain#0", "Lind paints, and keeps bees."), Sample("retain#1", "Lind was born in Lund.")]
TEXTS = st.sampled_from(["the mill", "a long barge", "Tarnow", "bees and wax", "A cooper."])


def test_every_item_stays_the_same_behind_what_is_told() -> None:
    for samples in contexts(FORGET, RETAIN).values():
        assert [(one.id, one.answer, one.key) for one in samples] == [(o.id, o.answer, o.key) for o in FORGET]
        assert all(one.prompt.endswith(other.prompt) for one, other in zip(samples, FORGET, strict=True))


def test_what_is_told_is_about_the_subject_or_about_others() -> None:
    found = contexts(FORGET, RETAIN)
    assert found[Context.SUBJECT][0].prompt == "What does Vass keep? He keeps bees. Where was Vass born?"
    assert found[Context.SUBJECT][1].prompt == "Where was Vass born? In Tarnow. What does Vass keep?"
    assert found[Context.NEIGHBOURING][1].prompt == "Lind was born in Lund. What does Vass keep?"
    assert found[Context.SUBJECT][3] == FORGET[3]
    assert Context.PARAPHRASED not in found


def test_the_fact_in_other_words_is_told_where_the_operator_wrote_them() -> None:
    written = [replace(FORGET[0], reworded="Vass is a son of Tarnow."), *FORGET[1:]]
    told = contexts(written, RETAIN)[Context.PARAPHRASED]
    assert told[0].prompt == "Vass is a son of Tarnow. Where was Vass born?"
    assert told[1:] == tuple(FORGET[1:])


def test_a_kind_that_nothing_can_be_made_of_is_left_out() -> None:
    assert set(contexts(FORGET[:1], [])) == {Context.RULES, Context.UNRELATED}


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_no_context_holds_an_answer_or_grows_without_bound(texts: list[str]) -> None:
    retain = [Sample(f"retain#{place}", f"{text} " * 200) for place, text in enumerate(texts)]
    for samples in contexts(FORGET, retain).values():
        for one, bare in zip(samples, FORGET, strict=True):
            told = one.prompt.removesuffix(bare.prompt)
            assert (one.key or one.answer).casefold() not in told.casefold()
            assert len(told.split()) <= WORDS
