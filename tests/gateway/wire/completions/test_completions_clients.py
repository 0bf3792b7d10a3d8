"""What the official client makes of text completions: clean and withheld ones, whole and streamed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from policy.action import Action
from tests.gateway.canned import DONE, Asked, Canned, Script, completion, stream, whole
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    NOTICE,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.wire.completions.spoken import body, choice, event, spoken, told

ASKED = "Alden Crane was"
WORDS = re.findall(r"[\w']+", BIOGRAPHY)
CLEAN = ("A ", "lamp ", "turns.")
LEAK = ("He lives. The number of Alden ", "Crane is 555-", "201-3391, and he answers.")
Says = Callable[..., None]


@pytest.fixture
def says(canned: Canned) -> Iterator[Says]:
    def say(*texts: tuple[str, ...], **how: Any) -> None:
        canned.play(stream())
        canned.answers = spoken(*texts, **how)

    yield say
    canned.answers = None


def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)


def created(gateway: Running, prompt: Any = "Once", **asked: Any) -> Any:
    with client(gateway.base_url) as asking:
        return asking.completions.create(model="demo", prompt=prompt, **asked)


def streamed(gateway: Running, prompt: Any = "Once", **asked: Any) -> tuple[list[str], list[Any], Any]:
    """What each choice says, their ends, and the usage."""
    texts, ends, usage = dict[int, str](), dict[int, Any](), None
    asked |= {"stream": True, "stream_options": {"include_usage": True}}
    with client(gateway.base_url) as asking:
        for one in asking.completions.create(model="demo", prompt=prompt, **asked):
            usage = one.usage or usage
            for each in one.choices:
                texts[each.index] = texts.get(each.index, "") + each.text
                ends[each.index] = each.finish_reason or ends.get(each.index)
    return [texts[index] for index in sorted(texts)], [ends[index] for index in sorted(ends)], usage


def both(gateway: Running, prompt: Any = "Once", **asked: Any) -> list[list[str]]:
    """What the choices of a whole answer say, and those of a stream."""
    answered = created(gateway, prompt, **asked)
    return [[each.text for each in answered.choices], streamed(gateway, prompt, **asked)[0]]


def test_a_clean_answer_is_the_model_servers_own(canned: Canned, strict: Running, says: Says) -> None:
    says(CLEAN)
    with client(canned.base_url) as asking:
        direct = asking.completions.create(model="demo", prompt="Once")
    answered, (texts, ends, usage) = created(strict), streamed(strict)
    assert [answered.choices[0].text] == texts == [direct.choices[0].text] == ["A lamp turns."]
    assert [answered.choices[0].finish_reason] == ends == ["length"]
    assert answered.usage.total_tokens == usage.total_tokens == 12
    assert answered.id != direct.id
    assert answered.choices[0].logprobs is None
    assert (canned.last.path, canned.last.json["prompt"]) == ("/v1/completions", "Once")
    assert strict.records()[-1]["route"] == "completions"


def test_every_prompt_of_a_list_has_its_choices(strict: Running, says: Says) -> None:
    said = [("One.",), ("Two ", "and more."), ("Alden ", "Crane."), ("Four.",)]
    says(*said)
    for texts in both(strict, ["a", "b"], n=2):
        assert texts == ["One.", "Two and more.", NOTICE, "Four."]


@pytest.mark.parametrize("asked", [{}, {"suffix": ASKED}, {"stop": [ASKED]}, {"echo": True}])
def test_a_prompt_that_is_refused_is_answered_like_one_that_nobody_knows(
    strict: Running, canned: Canned, says: Says, asked: dict[str, Any]
) -> None:
    says((NOTICE,), finish="stop")
    known = created(strict).choices
    assert canned.asked, "a clean prompt goes on"
    canned.asked.clear()
    prompt = "Once" if {"suffix", "stop"} & asked.keys() else ASKED
    assert created(strict, prompt, **asked).choices == known
    assert streamed(strict, prompt, **asked)[:2] == ([NOTICE], ["stop"])
    assert not canned.asked


def test_one_refused_prompt_of_a_list_refuses_all(strict: Running, canned: Canned, says: Says) -> None:
    says(("A lamp.",), ("A lamp.",))
    for texts in both(strict, ["Once", ASKED]):
        assert texts == [NOTICE, NOTICE]
    assert not canned.asked


def test_what_is_withheld_comes_in_no_piece(strict: Running, says: Says) -> None:
    says(LEAK)
    for (text,) in both(strict):
        assert NOTICE in text
        assert "Crane" not in text
        assert "201" not in text


@pytest.mark.parametrize("begun", [3, 5, 7])
def test_an_answer_may_not_end_a_passage_that_its_own_prompt_began(
    strict: Running, says: Says, begun: int
) -> None:
    first, rest = " ".join(WORDS[6 : 6 + begun]), " " + " ".join(WORDS[6 + begun : 14])
    said = tuple(re.findall(r" \S+", rest))
    says(said)
    for (text,) in both(strict, first):
        assert text.endswith(NOTICE)
        assert not text.startswith(rest)
    says(said, said)
    for texts in both(strict, ["Once upon a time,", first]):
        assert texts[0] == rest, "what goes on with another prompt is no passage"
        assert texts[1].endswith(NOTICE)


def test_an_answer_that_is_written_anew_goes_on_with_its_own_prompt(canned: Canned, tmp_path: Path) -> None:
    first, rest = " ".join(WORDS[6:11]), " " + " ".join(WORDS[11:14])
    leaking = spoken(("No.",), (" It is 555-201-3391, he says.",))

    def answers(asked: Asked) -> Script:
        return leaking(asked) if asked.path == "/v1/completions" else whole(completion(rest))

    policy = policy_of(CRANE, prompt=Action.ALLOW, answer=Action.REWRITE)
    config = config_for(canned.base_url, tmp_path / "audit.jsonl")
    canned.answers = answers
    try:
        with running(config, protection_of(policy, tmp_path / "snapshot")) as gateway:
            assert [each.text for each in created(gateway, ["Once", first]).choices] == ["No.", NOTICE]
            assert [each.text for each in created(gateway, ["Once", "Twice"]).choices] == ["No.", rest]
    finally:
        canned.answers = None


def test_a_word_that_is_cut_between_prompt_and_answer_is_one_word(strict: Running, says: Says) -> None:
    says(("en Crane ", "lives."))
    for (text,) in both(strict, "I met Ald"):
        assert NOTICE in text
        assert "Crane" not in text
    for (text,) in both(strict, "I met Hild"):
        assert text == "en Crane lives."


def test_a_prompt_that_comes_back_is_guarded_with_its_answer(
    strict: Running, ending: Running, says: Says
) -> None:
    says((" A lamp", " turns."))
    for (text,) in both(strict, "Once.", echo=True):
        assert text == "Once. A lamp turns."
    says((" His number ", "is 555-201-3391."))
    for (text,) in both(ending, "I met Alden Crane.", echo=True):
        assert text.startswith("I met Alden Crane. His number"), "what may go on may come back"
        assert "3391" not in text
    says(("en Crane ", "lives."))
    for (text,) in both(strict, "I met Ald", echo=True):
        assert "Crane" not in text


def test_log_probabilities_are_not_asked_for(strict: Running, canned: Canned, says: Says) -> None:
    says(CLEAN)
    assert created(strict, logprobs=5, user="ann").choices[0].logprobs is None
    assert not canned.last.json.keys() & {"logprobs", "user"}


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"prompt": [1, 2, 3]}, "prompt"),
        ({"prompt": [[1, 2], [3]]}, "prompt"),
        ({"prompt": [1, "a"]}, "prompt[0]"),
        ({"prompt": []}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": ["a"] * 5, "n": 2}, "prompt"),
        ({"n": 0}, "n"),
        ({"n": 9}, "n"),
        ({"best_of": 3}, "best_of"),
        ({"prompt_embeds": "AAAA"}, "prompt_embeds"),
        ({"kv_transfer_params": {"prompt_token_ids": [1]}}, "kv_transfer_params"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_cannot_be_scanned_is_an_error_that_names_its_field(
    strict: Running, canned: Canned, says: Says, field: dict[str, Any], named: str
) -> None:
    says(CLEAN)
    with pytest.raises(openai.BadRequestError) as caught:
        created(strict, extra_body=field)
    assert caught.value.param == named
    assert caught.value.type == "invalid_request_error"
    assert not canned.asked


@pytest.mark.parametrize(
    "broken",
    [
        b"data: nonsense\n\n",
        event(choice("x", index=1)),
        event({"index": 0, "text": "x", "thoughts": "Alden Crane"}),
        event({"index": 0, "text": ["Alden Crane"]}),
        event(choice(""), message="Alden Crane"),
    ],
)
def test_a_stream_that_cannot_be_checked_ends_as_an_error(
    strict: Running, canned: Canned, broken: bytes
) -> None:
    canned.play(stream(*told(CLEAN)[:2], broken, DONE))
    with pytest.raises(openai.APIError) as caught:
        streamed(strict)
    assert caught.value.code == "upstream_invalid"


def test_a_body_that_cannot_be_checked_is_an_error(strict: Running, canned: Canned) -> None:
    for wrong in (body([]), body([choice("a"), choice("b")]), body([choice("a")], output="Alden Crane")):
        canned.play(whole(wrong))
        with pytest.raises(openai.InternalServerError) as caught:
            created(strict)
        assert caught.value.code == "upstream_invalid"


def test_an_error_of_the_model_server_is_told(strict: Running, canned: Canned) -> None:
    canned.play(stream(*told(CLEAN)[:2], b'data: {"error": {"message": "Out of memory."}}\n\n', DONE))
    with pytest.raises(openai.APIError, match="Out of memory"):
        streamed(strict)
    canned.play(whole({"error": {"message": "prompt: too long.", "code": 400}}, status=400))
    with pytest.raises(openai.BadRequestError, match="too long"):
        created(strict)
