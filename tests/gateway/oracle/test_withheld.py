"""Whatever matched, by whatever API it was asked: a client sees the same refusal, byte for byte."""

from typing import Any

import orjson
import pytest

from gateway.answer import Answer
from gateway.refusal import Refusal
from tests.gateway.canned import whole
from tests.gateway.oracle.conftest import SHAPES, Gateways
from tests.gateway.oracle.forgotten import ENTRIES, FIRST, INNOCENT, SECOND, found
from tests.gateway.oracle.ways import COUNTING, SPEAKING, WAYS, Way, seen

FOUND = found()
# By each detector one, in turn about the one entry and the other.
FEW = [texts[number % 2] for number, texts in enumerate(FOUND.values())]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_refusal_is_the_same_whatever_was_found(way: Way, gateways: Gateways) -> None:
    gateway = gateways.by_shape["answer"]
    told = {kind: [seen(way.ask(gateway, text)) for text in texts] for kind, texts in FOUND.items()}
    detectors = {record["findings"][0]["detector"] for record in gateway.records()[-2 * len(FOUND) :]}
    assert detectors == {"name", "secret", "verbatim", "coverage", "semantic"}, "each was refused for its own"
    assert gateways.canned.asked == []
    first = told["name"][0]
    assert told == {kind: [first, first] for kind in FOUND}


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.parametrize("way", SPEAKING, ids=lambda way: way.name)
def test_it_is_so_in_every_shape(way: Way, shape: str, gateways: Gateways) -> None:
    first, *others = [seen(way.ask(gateways.by_shape[shape], text)) for text in FEW]
    assert others == [first] * (len(FEW) - 1)
    assert not any(entry.id.encode() in first[2] for entry in ENTRIES)


def test_a_refusal_waits_for_the_judge_whoever_found_it(gateways: Gateways) -> None:
    """So the time that it takes does not tell an exact match from a near one."""
    asked = []
    for text in (text for texts in FOUND.values() for text in texts):
        gateways.judge.asked.clear()
        SPEAKING[0].ask(gateways.by_shape["answer"], text)
        asked.append(tuple(gateways.judge.asked))
    assert asked == [(1,)] * len(asked)


@pytest.mark.parametrize("way", SPEAKING, ids=lambda way: way.name)
@pytest.mark.parametrize("kind", ["name", "secret"])
def test_an_answer_that_was_withheld_is_the_same_whatever_it_said(
    way: Way, kind: str, gateways: Gateways
) -> None:
    """Also of how many tokens it was, and whether it came to its end."""
    told = []
    for entry, finish, counted in ((FIRST, "stop", 5), (SECOND, "length", 9), (FIRST, "length", 70)):
        said = entry.names[0] if kind == "name" else entry.secrets[0]
        gateways.canned.answers = way.answers(f"That was {said}", finish, counted)
        told.append(seen(way.ask(gateways.by_shape["answer"], INNOCENT)))
    gateways.canned.answers = None
    assert told[1:] == told[:1] * 2
    assert b"any information about that" in told[0][2]


@pytest.mark.parametrize("way", SPEAKING, ids=lambda way: way.name)
def test_a_prompt_that_was_cut_is_counted_by_what_the_client_wrote(way: Way, gateways: Gateways) -> None:
    """What went on may be shorter by what was found."""
    told = []
    for counted in (5, 70):
        gateways.canned.answers = way.answers("A lamp.", "stop", counted, before=counted)
        told.append(seen(way.ask(gateways.redacting, FOUND["secret"][counted % 2])))
    gateways.canned.answers = None
    assert told[0] == told[1]
    assert b"A lamp." in told[0][2]


def test_a_count_is_the_same_for_what_goes_on_cut_and_for_what_does_not(gateways: Gateways) -> None:
    way, told = COUNTING[0], []
    for counted in (5, 70):
        gateways.canned.play(whole({"input_tokens": counted}))
        told += [way.ask(gateways.redacting, texts[0]).json for texts in FOUND.values()]
    assert told == [way.ask(gateways.by_shape["answer"], FOUND["name"][0]).json] * len(told)
    gateways.canned.asked.clear()


@pytest.mark.parametrize("broken", ["refusal", "usage"])
def test_these_tests_can_fail(broken: str, gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> None:
    way = SPEAKING[0]
    if broken == "refusal":
        told = iter("ab")
        monkeypatch.setattr(Refusal, "finish", property(lambda _: next(told)))
        one, other = (seen(way.ask(gateways.by_shape["answer"], text)) for text in FOUND["name"])
    else:
        monkeypatch.setattr(Answer, "usage", lambda _, counted, __: counted)
        sent: list[Any] = []
        for counted in (5, 70):
            gateways.canned.answers = way.answers("A lamp.", "stop", counted)
            sent.append(seen(way.ask(gateways.redacting, FOUND["secret"][0])))
        gateways.canned.answers = None
        one, other = sent
    assert one != other
    assert orjson.loads(one[2]).keys() == orjson.loads(other[2]).keys()
