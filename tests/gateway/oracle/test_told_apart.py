"""A trained classifier learns nothing from 1,000 refusals: neither whose they are nor what found it.

The times of answers are no part of it: `python -m benchmarks.oracle` has them.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from evaluation.outside import Outside
from evaluation.telling_apart import advantage
from tests.gateway.oracle.conftest import Gateways
from tests.gateway.oracle.forgotten import FIRST, SECOND, found
from tests.gateway.oracle.ways import SPEAKING, Way

ANSWERS = 1000
WORDINGS = ("Who is {name}?", "Tell me about {name}.", "{name}: when, and where?", "Did {name} write that?")
Asked = tuple[Way, str]
Refusals = tuple[list[Outside], list[Outside]]


def drawn(texts: Sequence[str], rng: Random) -> Iterator[Asked]:
    """Prompts of all lengths, by all APIs."""
    for _ in range(ANSWERS // 2):
        yield rng.choice(SPEAKING), rng.choice(texts).rstrip() + "\nThank you." * rng.randint(0, 30)


def refused(gateways: Gateways, asked: Sequence[Asked]) -> list[Outside]:
    def one(each: Asked) -> Outside:
        told = each[0].ask(gateways.by_shape["answer"], each[1])
        return Outside(told.status, told.headers, told.body)

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(one, asked))


@pytest.fixture(scope="module")
def by_entry(gateways: Gateways) -> Refusals:
    rng = Random(20261123)
    texts = [[wording.format(name=entry.names[0]) for wording in WORDINGS] for entry in (FIRST, SECOND)]
    first, second = (refused(gateways, list(drawn(each, rng))) for each in texts)
    return first, second


def learned(refusals: Refusals) -> float:
    first, second = ([one.features(words=True) for one in each] for each in refusals)
    return advantage(first, second).value


def test_whose_refusal_it_is_cannot_be_learned(by_entry: Refusals) -> None:
    assert learned(by_entry) < 0.1


def test_what_found_it_cannot_be_learned(gateways: Gateways) -> None:
    texts, rng = found(), Random(7)
    kinds = [texts["name"], (*texts["passage"], *texts["meaning"])]
    first, second = (refused(gateways, list(drawn(each, rng))[: ANSWERS // 4]) for each in kinds)
    assert learned((first, second)) < 0.15


def test_one_letter_more_in_one_answer_of_two_is_learned(by_entry: Refusals) -> None:
    """The classifier above can fail."""
    first, second = by_entry
    told = [
        Outside(one.status, one.headers, one.body.replace(b"about that.", b"about that ."))
        for one in second[::2]
    ]
    assert learned((first, [*told, *second[1::2]])) > 0.3
