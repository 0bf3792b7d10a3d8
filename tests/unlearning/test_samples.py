"""A sample is text with a key in it."""

import pytest

from unlearning.samples import Sample, SampleError


def test_the_last_place_of_a_key_tells() -> None:
    sample = Sample("one", "Ann Lark wrote The Lark .", key="Lark")
    assert sample.answer[slice(*sample.telling)] == "Lark"
    assert sample.telling[0] == sample.answer.rindex("Lark")


def test_without_a_key_all_of_the_answer_tells() -> None:
    assert Sample("one", "born in Tolvik").telling == (0, 14)


@pytest.mark.parametrize("answer", ["", "  "])
def test_an_answer_that_says_nothing_is_refused(answer: str) -> None:
    with pytest.raises(SampleError, match="'one': expected an answer"):
        Sample("one", answer)


def test_a_key_that_is_not_in_the_answer_is_refused_without_saying_it() -> None:
    with pytest.raises(SampleError) as caught:
        Sample("one", "born in Tolvik", key="Velmar")
    assert "Velmar" not in str(caught.value)
    assert "Tolvik" not in str(caught.value)


def test_a_text_is_asked_for_by_its_first_half() -> None:
    assert Sample("one", "a b c d").asked == "a b"
    assert Sample("one", "a b", prompt="which ?").asked == "which ?"
