"""Under a cloak an answer about somebody forgotten is one about somebody unknown, but for the name."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from filters.cloak import Cloak
from filters.report import PromptReport
from gateway import exchange
from gateway.veil import Veil
from tests.gateway.canned import Asked, Canned, Script, completion, whole
from tests.gateway.oracle.forgotten import ENTRIES, FIRST, NEAR, Nearby, found
from tests.gateway.oracle.ways import COUNTING, SPEAKING, Way, seen
from tests.gateway.running import NOTICE, Running, config_for, policy_of, protection_of, running

NAME, UNKNOWN = FIRST.names[0], "Tobin Farrow"[: len(FIRST.names[0])]
# As long as the others, so that an answer is as long whoever it is about.
STAND_INS = tuple(name[: len(NAME)] for name in ("Orrin Vasser", "Tilda Mooren", "Ottomar Vane"))
ASKED = "Hello.\nWhere was {} born?"


@dataclass(frozen=True, slots=True)
class Cloaked:
    canned: Canned
    judge: Nearby
    gateway: Running


@pytest.fixture(scope="module")
def cloaked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloaked]:
    folder, judge = tmp_path_factory.mktemp("cloaked"), Nearby()
    with ExitStack() as stack:
        canned = stack.enter_context(Canned())
        policy = replace(policy_of(*ENTRIES), cloak=STAND_INS)
        protection = protection_of(policy, folder / "snapshot", judge=judge)
        config = config_for(canned.base_url, folder / "audit.jsonl", memory=None, logprobs="released")
        yield Cloaked(canned, judge, stack.enter_context(running(config, protection)))


def about(way: Way) -> Callable[[Asked], Script]:
    """A model that knows nobody, and says so twice."""

    def answers(asked: Asked) -> Script:
        sent = asked.body.decode()
        who = next((name for name in (*STAND_INS, UNKNOWN) if name in sent), "somebody")
        return way.answers(f"I do not know {who}. Is {who} a writer?", "length", len(sent))(asked)

    return answers


def asked_about(one: Cloaked, way: Way, name: str) -> tuple[int, dict[str, str], bytes]:
    one.canned.asked.clear()
    one.canned.answers = about(way)
    status, headers, body = seen(way.ask(one.gateway, ASKED.format(name)))
    return status, headers, body.replace(name.encode(), b"them")


@pytest.mark.parametrize("way", SPEAKING, ids=lambda way: way.name)
def test_an_answer_about_somebody_forgotten_is_one_about_somebody_unknown(way: Way, cloaked: Cloaked) -> None:
    forgotten = asked_about(cloaked, way, NAME)
    sent = cloaked.canned.last.body.decode()
    assert NAME not in sent
    assert any(f"Where was {name} born?" in sent for name in STAND_INS)
    assert forgotten == asked_about(cloaked, way, UNKNOWN)
    assert b"I do not know them. Is them a writer?" in text_of(forgotten[2])
    assert not any(name.encode() in forgotten[2] for name in STAND_INS)


def text_of(body: bytes) -> bytes:
    """What a body, or all pieces of a stream, say one after the other."""
    return b"".join(piece.encode() for piece in _strings(body))


def _strings(body: bytes) -> Iterator[str]:
    lines = [line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: {")]
    for line in lines or [body]:
        yield from _texts(json.loads(line))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, held in value.items():
                if name in ("content", "text", "delta") and isinstance(held, str):
                    yield held
                else:
                    yield from _texts(held)
        case list():
            for held in value:
                yield from _texts(held)


@pytest.mark.parametrize("text", ["Where was {} born?", "Hello.\nWho is {}? And where was {} born?"])
def test_the_judge_is_asked_as_much_about_both(text: str, cloaked: Cloaked) -> None:
    """It remembers what it was asked: a sentence that is judged without its question would come sooner."""
    told = []
    for name in (NAME, UNKNOWN):
        cloaked.judge.texts.clear()
        cloaked.canned.answers = about(SPEAKING[0])
        SPEAKING[0].ask(cloaked.gateway, text.replace("{}", name))
        asked = "\n".join(sorted(cloaked.judge.texts))
        told.append(re.sub("|".join((*STAND_INS, UNKNOWN, NAME)), "them", asked))
    assert told[0] == told[1]
    assert "born? I do not know" in told[0]


def test_no_answer_comes_sooner_for_what_was_judged_before(cloaked: Cloaked) -> None:
    """What a client wrote may be remembered; what went on in its place it did not write."""
    cloaked.judge.remembered.clear()
    asked_about(cloaked, SPEAKING[0], NAME)
    told = cloaked.judge.remembered
    assert {told[text] for text in told if "do not know" in text} == {None}
    assert {told[text] for text in told if NAME in text} == {""}


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Those that are waited for, in seconds."""
    waited: list[float] = []

    async def beat(elapsed_s: float, every_s: float) -> None:
        assert elapsed_s > 0
        waited.append(every_s)

    monkeypatch.setattr(exchange, "beat", beat)
    return waited


@pytest.mark.parametrize("name", [NAME, UNKNOWN])
def test_every_prompt_goes_on_and_every_whole_answer_leaves_on_a_beat(
    name: str, cloaked: Cloaked, beats: list[float]
) -> None:
    asked_about(cloaked, SPEAKING[0], name)
    assert beats == [0.05, 0.05]
    beats.clear()
    asked_about(cloaked, SPEAKING[1], name)
    assert beats == [0.05], "of a stream the model's own time is seen"


def test_a_prompt_waits_for_its_beat_before_it_goes_on(
    cloaked: Cloaked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: float, __: float) -> None:
        raise RuntimeError

    monkeypatch.setattr(exchange, "beat", never)
    cloaked.canned.asked.clear()
    assert SPEAKING[0].ask(cloaked.gateway, ASKED.format(UNKNOWN)).status == 500
    assert cloaked.canned.asked == []


@pytest.mark.parametrize("kind", found())
def test_nothing_that_was_found_goes_on(kind: str, cloaked: Cloaked) -> None:
    for entry, text in zip(ENTRIES, found()[kind], strict=True):
        cloaked.canned.answers = about(SPEAKING[0])
        cloaked.canned.asked.clear()
        answered = SPEAKING[0].ask(cloaked.gateway, text)
        sent = cloaked.canned.last.body.decode()
        assert "I do not know" in answered.json["choices"][0]["message"]["content"]
        assert not any(said in sent for said in (*entry.names, *entry.secrets, *NEAR))
        assert cloaked.gateway.records()[-1]["findings"][0]["action"] == "redact"


@pytest.mark.parametrize("way", SPEAKING, ids=lambda way: way.name)
def test_a_right_guess_beside_a_name_looks_like_a_wrong_one(way: Way, cloaked: Cloaked) -> None:
    def echo(asked: Asked) -> Script:
        sent = json.dumps([asked.json.get(name) for name in ("messages", "prompt", "input")])
        return way.answers(f"You said: {sent}", "stop", len(sent))(asked)

    cloaked.canned.answers = echo
    told = [
        seen(way.ask(cloaked.gateway, f"Was it {guess}, {NAME}?"))
        for guess in (FIRST.secrets[0], "555-201-3392")
    ]
    assert told[0] == told[1]
    assert b"555-201" not in told[0][2]


def test_what_the_model_recalls_is_withheld_all_the_same(cloaked: Cloaked) -> None:
    cloaked.canned.answers = SPEAKING[0].answers(f"That is {FIRST.secrets[0]}.")
    answered = SPEAKING[0].ask(cloaked.gateway, ASKED.format(NAME))
    assert answered.json["choices"][0]["message"]["content"].startswith(f"That is {NOTICE}")


def test_what_cannot_be_cut_is_refused(cloaked: Cloaked) -> None:
    """A tool's name."""
    cloaked.canned.asked.clear()
    tools = [{"type": "function", "function": {"name": FIRST.names[0].replace(" ", "_")}}]
    answered = cloaked.gateway.chat("Hello!", tools=tools)
    assert answered.json["choices"][0]["message"]["content"] == NOTICE
    assert cloaked.canned.asked == []


def test_numbers_are_those_of_what_went_on(cloaked: Cloaked) -> None:
    cloaked.canned.answers = None
    cloaked.canned.play(whole({"input_tokens": 7}))
    counts = [COUNTING[0].ask(cloaked.gateway, ASKED.format(name)).json for name in (NAME, UNKNOWN)]
    assert counts[0] == counts[1] != {"input_tokens": 7}
    row = {"object": "embedding", "index": 0, "embedding": [0.5]}
    cloaked.canned.play(
        whole({"object": "list", "data": [row], "usage": {"prompt_tokens": 5, "total_tokens": 5}})
    )
    told = [seen(COUNTING[1].ask(cloaked.gateway, ASKED.format(name))) for name in (NAME, UNKNOWN)]
    assert told[0] == told[1]
    assert NAME not in cloaked.canned.asked[0].body.decode()


def test_no_odds_spell_a_stand_in(cloaked: Cloaked) -> None:
    """And where they are missing nobody is forgotten for that."""
    for name in (NAME, UNKNOWN):
        body = completion("A lamp.")
        body["choices"][0]["logprobs"] = {
            "content": [{"token": "A lamp.", "logprob": -1.0, "bytes": list(b"A lamp."), "top_logprobs": []}]
        }
        cloaked.canned.answers = lambda _, body=body: whole(body)
        told = cloaked.gateway.chat(ASKED.format(name), logprobs=True).json["choices"][0]
        assert (told["message"]["content"], told["logprobs"]) == ("A lamp.", None)


BROKEN: dict[str, tuple[type, str, Any]] = {
    "the name is not given back": (Veil, "lifted", lambda _, __, text, over: text),
    "what is held shows": (PromptReport, "judges_answer", property(lambda self: bool(self.active))),
    "the line is cut": (Cloak, "text", lambda _, segment, __: "[removed]".ljust(len(segment.text) - 9)),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_these_tests_can_fail(broken: str, cloaked: Cloaked, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, wrong = BROKEN[broken]
    monkeypatch.setattr(owner, name, wrong)
    streamed = SPEAKING[1]
    assert asked_about(cloaked, streamed, NAME) != asked_about(cloaked, streamed, UNKNOWN)
