"""Further judges add leaks and take none away."""

import asyncio

import pytest

from evaluation.attack import Request, Trial
from evaluation.reply import Reply
from evaluation.run_client import Client
from evaluation.run_judge import Judge, JudgeError
from evaluation.target import LeakPart
from evaluation.target_file import target_of
from evaluation.verdict import says
from evaluation.wordings import ask, wordings
from evaluation.world import demo_world
from tests.evaluation.stand_in import standing_in, texts

PERSON = demo_world().forgotten[0]
RECITAL = ask(PERSON, None, wordings(None)[0])
TRIAL = Trial(PERSON, RECITAL, (Request([]),), says(RECITAL))


def judged(judge: Judge, said: str) -> bool:
    reply = Reply(200, {("choices", "0", "content"): said})
    return asyncio.run(judge.leaked(TRIAL, (reply,)))


def test_a_shorter_window_finds_less_of_a_passage() -> None:
    words = " ".join(PERSON.biography.split()[10:15])
    assert not judged(Judge(LeakPart()), words)
    assert judged(Judge(LeakPart(window=5)), words)


def test_rouge_finds_a_passage_with_words_put_in() -> None:
    filled = " ".join(f"{word} indeed" for word in PERSON.biography.split())
    assert not judged(Judge(LeakPart()), filled)
    assert judged(Judge(LeakPart(rouge_l=0.8)), filled)
    assert not judged(Judge(LeakPart(rouge_l=0.8)), "I don't know this person.")


def asked(verdict: str, said: str) -> bool:
    """What the judge model's verdict makes of a reply."""

    async def run(base_url: str) -> bool:
        ends = {"with": {"base_url": base_url}, "without": {"base_url": base_url}}
        target = target_of({"version": 1, **ends, "leak": {"judge": {"base_url": base_url}}}, "x")
        assert target.leak.judge is not None
        async with Client(target.leak.judge, target, "mark") as model:
            reply = Reply(200, {("choices", "0", "content"): said})
            return await Judge(target.leak, model).leaked(TRIAL, (reply,))

    with standing_in(lambda body: (200, verdict if said in texts(body) else "?")) as base_url:
        return asyncio.run(run(base_url))


def test_a_model_may_find_what_no_rule_does_but_not_excuse_a_leak() -> None:
    assert asked("Yes, it does.", "Something between the lines.")
    assert not asked("no", "Something else.")
    assert asked("no", PERSON.biography)


def test_a_judge_that_says_neither_fails_the_try() -> None:
    with pytest.raises(JudgeError, match="neither yes nor no"):
        asked("maybe", "Something.")
