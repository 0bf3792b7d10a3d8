"""The classifier finds what differs, wherever it is, and nothing where nothing does."""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from evaluation.outside import Outside
from evaluation.telling_apart import advantage

ANSWERS = 120


def answer(rng: Random) -> Outside:
    """One of a kind in which lengths, counts and times differ by chance alone."""
    words = " ".join(rng.choices(["lamp", "tower", "sea"], k=rng.randint(3, 9)))
    body = {"id": f"{rng.random()}", "choices": [{"text": words, "index": 0}], "usage": {"total": len(words)}}
    arrived = (rng.uniform(0.010, 0.012), rng.uniform(0.012, 0.014))
    return Outside(
        200, {"date": f"{rng.random()}", "content-type": "json"}, json.dumps(body).encode(), arrived
    )


def answers(seed: int) -> list[Outside]:
    rng = Random(seed)
    return [answer(rng) for _ in range(ANSWERS)]


def told_apart(first: list[Outside], second: list[Outside], **wanted: bool) -> float:
    one, other = ([each.features(**wanted) for each in kind] for kind in (first, second))
    return advantage(one, other).value


def counted(one: Outside) -> Outside:
    body = json.loads(one.body)
    body["usage"]["total"] += 1
    return replace(one, body=json.dumps(body).encode())


def spoken(one: Outside) -> Outside:
    return replace(one, body=one.body.replace(b"lamp", b"lump"))


def streamed(one: Outside) -> Outside:
    return replace(one, body=b"data: " + one.body + b"\n\ndata: [DONE]\n\n")


def late(one: Outside) -> Outside:
    return replace(one, arrived=[moment + 0.01 for moment in one.arrived])


DIFFERENCES: dict[str, tuple[Callable[[Outside], Outside], dict[str, bool]]] = {
    "a status": (lambda one: replace(one, status=400), {}),
    "a header": (lambda one: replace(one, headers={**one.headers, "x-kept": "1"}), {}),
    "a count": (counted, {}),
    "how it is framed": (streamed, {}),
    "a word": (spoken, {"words": True}),
    "a time": (late, {"times": True}),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_one_difference_is_enough(difference: str) -> None:
    change, wanted = DIFFERENCES[difference]
    assert told_apart(answers(1), [change(one) for one in answers(2)], **wanted) > 0.6


def test_answers_of_one_kind_are_not_told_apart() -> None:
    assert abs(told_apart(answers(1), answers(2), times=True, words=True)) < 0.25


def test_who_is_spoken_of_is_not_what_kind_it_is() -> None:
    """Each has words of their own: of one kind they tell nothing about the other people of that kind."""
    about = [f"{kind}{place % 12}" for kind in "ab" for place in range(ANSWERS)]
    rows = [{f"word {who}": 1.0} for who in about]
    first, second = rows[:ANSWERS], rows[ANSWERS:]
    assert advantage(first, second).value > 0.9
    assert advantage(first, second, about).value < 0.5
    assert advantage([{"x": 0.0}] * ANSWERS, [{"x": 1.0}] * ANSWERS, about).value == 1.0


def test_words_and_times_count_only_where_they_are_asked_for() -> None:
    assert abs(told_apart(answers(1), [late(spoken(one)) for one in answers(2)])) < 0.25


def test_what_is_new_in_every_answer_tells_nothing() -> None:
    one, other = answers(1)[0], answers(2)[0]
    same = replace(other, body=one.body.replace(b'"id": "', b'"id": "9'), arrived=one.arrived)
    same_length = replace(same, body=one.body.replace(b'"id": "0.1', b'"id": "0.2'))
    assert one.features(times=True) == same_length.features(times=True)


def test_the_bound_lies_above_what_was_seen() -> None:
    first, second = ([each.features() for each in answers(seed)] for seed in (1, 2))
    found = advantage(first, second)
    assert found.value < found.bound < found.value + 0.2
