"""One thread asks the embedding index for all requests, and whoever waits too long gets an error."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.judging import JudgeTimeout, Judging
from gateway.protection import Protection
from gateway.services import open_services
from index.build import build
from index.similarity import Hit, Tenant
from index.snapshot import Snapshot
from policy.policy import OnError, Policy
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import CRANE, KEY, NOTICE, config_for, policy_of, running
from tests.gateway.served import until


class Scripted:
    """A judge that says of each text how long it is, when it is let."""

    threshold = 0.5
    grey = 0.1
    lines = ()

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()
        self.broken = False

    def judge(self, texts: Sequence[str], _: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        assert threading.current_thread().name == "judge"
        self.batches.append(list(texts))
        self.free.wait(120)
        if self.broken:
            raise ValueError("a text that must not be told")
        return [(Hit(0, float(len(text))),) for text in texts]


async def ask(judging: Judging, *texts: str) -> list[float]:
    return [hits[0].score for hits in await judging(texts)]


def test_each_text_gets_its_own_answer() -> None:
    judging = Judging(Scripted(), 60)
    assert asyncio.run(ask(judging, "a", "bb", "ccc")) == [1, 2, 3]
    judging.close()


def test_requests_that_wait_together_are_one_batch() -> None:
    judge = Scripted()
    judging = Judging(judge, 60)

    async def many() -> list[list[float]]:
        judge.free.clear()
        asked = [asyncio.ensure_future(ask(judging, "x" * number)) for number in range(1, 20)]
        await asyncio.sleep(0.1)
        judge.free.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(many()) == [[number] for number in range(1, 20)]
    assert len(judge.batches) <= 2, "at most the first alone, then all that waited meanwhile"
    judging.close()


def test_a_short_prompt_does_not_wait_for_the_long_ones_that_wait_too() -> None:
    judge = Scripted()
    judging = Judging(judge, 60)

    async def mixed() -> list[list[float]]:
        judge.free.clear()
        first = asyncio.ensure_future(ask(judging, "x"))
        await asyncio.to_thread(until, lambda: bool(judge.batches))
        asked = [asyncio.ensure_future(ask(judging, *["x"] * size)) for size in (100, 100, 2, 3)]
        await asyncio.sleep(0.01)
        judge.free.set()
        return await asyncio.gather(first, *asked)

    assert [len(each) for each in asyncio.run(mixed())] == [1, 100, 100, 2, 3]
    assert [len(batch) for batch in judge.batches] == [1, 105, 100]
    judging.close()


async def answered(judging: Judging, text: str) -> list[float]:
    """On a slow machine it may come too late at first."""
    while True:
        with suppress(JudgeTimeout):
            return await ask(judging, text)


def test_who_waits_too_long_gets_an_error_and_the_next_one_an_answer() -> None:
    judge = Scripted()
    judging = Judging(judge, 0.1)

    async def late() -> list[float]:
        judge.free.clear()
        with pytest.raises(JudgeTimeout):
            await ask(judging, "a")
        judge.free.set()
        return await answered(judging, "bb")

    assert asyncio.run(late()) == [2]
    judging.close()


def test_an_error_of_the_judge_reaches_everybody_who_waits() -> None:
    judge = Scripted()
    judge.broken = True
    judging = Judging(judge, 60)
    with pytest.raises(ValueError, match="text"):
        asyncio.run(ask(judging, "a"))
    judge.broken = False
    assert asyncio.run(ask(judging, "a")) == [1]
    judging.close()


def test_no_text_is_no_question() -> None:
    judge = Scripted()
    judging = Judging(judge, 60)
    assert asyncio.run(judging([])) == []
    assert judge.batches == []
    judging.close()


def protected(policy: Policy, folder: Path, judge: Scripted, timeout_s: float = 60) -> Protection:
    build(policy, folder, KEY)
    return Protection(policy, Snapshot.load(folder, KEY), judge, timeout_s)


def test_a_prompt_that_the_judge_finds_near_is_refused(canned: Canned, tmp_path: Path) -> None:
    protection = protected(policy_of(CRANE), tmp_path / "snapshot", Scripted())
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        canned.play(stream(*said(["A lamp."]), DONE))
        assert (
            gateway.chat("Who kept bees there?", stream=True).text()
            == "I don't have any information about that."
        )
        assert canned.asked == []
        assert gateway.records()[-1]["findings"][0]["detector"] == "semantic"


class Bees(Scripted):
    """Finds a text near that says "bees", and a question about the house worth a closer look."""

    def judge(self, texts: Sequence[str], _: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        self.batches.append(list(texts))
        return [
            (Hit(0, 0.9),) if "bees" in text else (Hit(0, 0.2),) if "house" in text else () for text in texts
        ]


OPENING = "It is an old building near the water. "
CLOSING = "The lamp turns slowly in the evening."


@pytest.mark.parametrize("streamed", [True, False])
def test_a_sentence_that_the_judge_finds_near_is_withheld(
    streamed: bool, canned: Canned, tmp_path: Path
) -> None:
    judge = Bees()
    protection = protected(policy_of(CRANE), tmp_path / "snapshot", judge)
    pieces = [OPENING, "He had a great many ", "bees in the garden there. ", CLOSING]
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        for question, expected in (
            ("What of that house?", f"{OPENING}{NOTICE} {CLOSING}"),
            ("What of that lamp?", "".join(pieces)),
        ):
            body = {
                "choices": [{"index": 0, "message": {"content": "".join(pieces)}, "finish_reason": "stop"}]
            }
            canned.play(stream(*said(pieces), DONE) if streamed else whole(body))
            answered = gateway.chat(question, stream=streamed)
            text = answered.text() if streamed else answered.json["choices"][0]["message"]["content"]
            assert text == expected
        assert gateway.records()[0]["findings"][0]["detector"] == "semantic"


@pytest.mark.parametrize("fault", ["slow", "broken"])
def test_a_judge_that_fails_ends_the_answer_closed(fault: str, canned: Canned, tmp_path: Path) -> None:
    judge = Scripted()
    protection = protected(policy_of(CRANE), tmp_path / "snapshot", judge, 0.2 if fault == "slow" else 60)
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        if fault == "slow":
            judge.free.clear()
        else:
            judge.broken = True
        canned.play(stream(*said(["A lamp."]), DONE))
        answered = gateway.chat("Who kept bees there?")
        status, code = (503, "unavailable") if fault == "slow" else (500, "internal")
        assert (answered.status, answered.error["code"]) == (status, code)
        assert answered.headers.get("retry-after") == ("1" if fault == "slow" else None)
        assert b"text" not in answered.body
        assert canned.asked == []
        judge.free.set()


def test_a_slow_judge_is_overlooked_where_the_policy_says_open(canned: Canned, tmp_path: Path) -> None:
    judge = Scripted()
    policy = policy_of(CRANE)
    policy = Policy(
        policy.entries, policy.digest, policy.rules, policy.verbatim, None, policy.notice, OnError.OPEN
    )
    protection = protected(policy, tmp_path / "snapshot", judge, 0.2)
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        judge.free.clear()
        canned.play(stream(*said(["A lamp."]), DONE))
        assert gateway.chat("Who kept bees there?", stream=True).text() == "A lamp."
        assert gateway.chat("Who is Alden Crane?", stream=True).text() != "A lamp.", (
            "the exact detectors go on"
        )
        judge.free.set()


def test_a_judge_that_cannot_work_does_not_start(canned: Canned, tmp_path: Path) -> None:
    judge = Scripted()
    judge.broken = True

    async def start() -> None:
        async with open_services(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection):
            pass

    protection = protected(policy_of(CRANE), tmp_path / "snapshot", judge)
    with pytest.raises(ValueError, match="text"):
        asyncio.run(start())


async def said_of(future: "asyncio.Future[list[tuple[Hit, ...]]]") -> list[tuple[Hit, ...]]:
    return await future


@pytest.mark.parametrize("turns", range(6))
def test_whoever_leaves_just_as_the_answer_comes_has_left(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left() -> bool:
        said = asyncio.get_running_loop().create_future()
        judging = Judging(Scripted(), 60)
        monkeypatch.setattr(judging, "ask", lambda _: said_of(said))
        asked = asyncio.ensure_future(judging(["a"]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        said.set_result([()])
        for _ in range(turns):
            await asyncio.sleep(0)
        in_time = asked.cancel()
        await asyncio.wait([asked])
        judging.close()
        return asked.cancelled() is in_time

    assert asyncio.run(left())
