"""LiteLLM is told what may go on and what may go back, in the words that it understands."""

from typing import Any

import pytest

from policy.action import Action
from policy.entry import Entry
from tests.gateway.litellm.asking import PATH, answer, call, post, prompt, streamed, told
from tests.gateway.litellm.conftest import FORGOTTEN, NOWHERE
from tests.gateway.running import (
    BIOGRAPHY,
    NOTICE,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)

ABOUT = "Where was Alden Crane born?"
PHONE = "555-201-3391"
CLEAN = "The lamp turns."
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
REFUSED = {"action": "BLOCKED", "blocked_reason": NOTICE, "texts": None, "stream_holdback_chars": None}


def is_blocked(reply: Any) -> bool:
    return bool(reply == dict.fromkeys(reply) | REFUSED)


def test_a_clean_prompt_goes_on_as_it_is(blocking: Running) -> None:
    assert prompt(blocking, CLEAN, {"role": "assistant", "content": "Yes."}, "Why?")["action"] == "NONE"


@pytest.mark.parametrize(
    "said",
    [
        {"role": "user", "content": ABOUT},
        {"role": "tool", "content": ABOUT, "tool_call_id": "call_1"},
        {"role": "user", "content": [{"type": "text", "text": "Alden Cra"}, {"type": "text", "text": "ne"}]},
        {"role": "user", "content": CLEAN, "name": "Alden Crane"},
        {"role": "assistant", "content": CLEAN, "thinking_blocks": [{"thinking": ABOUT}]},
        {"role": "assistant", "content": None, "tool_calls": [call('{"who": "Alden \\u0043rane"}')]},
        {"role": "user", "content": [{"type": "text", "text": CLEAN, "cache_control": {"type": ABOUT}}]},
        {"role": "user", "content": [{"type": "text", "text": CLEAN}, {"type": "quote", "quote": ABOUT}]},
        {"role": "user", "content": {"text": ABOUT}},
        {"role": ABOUT, "content": CLEAN},
        {"role": "user", "content": CLEAN, "Alden Crane": True},
    ],
)
def test_whatever_a_message_holds_is_scanned(said: dict[str, Any], blocking: Running) -> None:
    shown = {"input_type": "request", "texts": [CLEAN], "structured_messages": [said]}
    assert is_blocked(told(post(blocking, **shown)))


@pytest.mark.parametrize(
    "field",
    [
        {"texts": [CLEAN, ABOUT]},
        {"tools": [{"type": "function", "function": {"name": "f", "description": ABOUT}}]},
        {"tools": [{"type": "web_search", "filters": {"allowed": [ABOUT]}}]},
        {"tool_calls": [call('{"who": "Alden Crane"}')]},
        {"tool_calls": [call('{"who": "Alden Crane", "who": "you"}')]},
        {"tool_calls": [call("Alden Crane")]},
        {"tool_calls": ["Alden Crane"]},
    ],
)
def test_whatever_is_shown_beside_the_messages_is_scanned(field: dict[str, Any], blocking: Running) -> None:
    shown = {"input_type": "request", "texts": [CLEAN], **field}
    assert is_blocked(told(post(blocking, **shown)))


def test_a_passage_that_is_cut_over_messages_is_one(blocking: Running) -> None:
    words = BIOGRAPHY.split()[18:30]
    assert prompt(blocking, " ".join(words[:5]))["action"] == "NONE"
    assert is_blocked(prompt(blocking, " ".join(words[:5]), " ".join(words[5:])))


def test_changed_texts_come_back_in_their_places(applying: Running) -> None:
    parts = [{"type": "text", "text": CLEAN}, {"type": "text", "text": f"Call {PHONE} now."}]
    reply = prompt(applying, CLEAN, {"role": "user", "content": parts}, {"role": "system", "content": "Go."})
    assert reply["action"] == "GUARDRAIL_INTERVENED"
    assert len(reply["texts"]) == 4
    assert (reply["texts"][0], reply["texts"][1], reply["texts"][3]) == (CLEAN, CLEAN, "Go.")
    assert reply["texts"][2] != f"Call {PHONE} now."
    assert PHONE not in str(reply)


def test_changed_tools_come_back(applying: Running) -> None:
    tool = {"type": "function", "function": {"name": "f", "description": f"Call {PHONE}."}}
    reply = prompt(applying, CLEAN, tools=[tool])
    assert (reply["action"], reply["texts"]) == ("GUARDRAIL_INTERVENED", [CLEAN])
    assert reply["tools"][0]["function"].keys() == {"name", "description"}
    assert PHONE not in str(reply)


@pytest.mark.parametrize(
    "beside",
    [
        {"tool_calls": [call(f'{{"description": "{PHONE}"}}')]},
        {"structured_messages": [{"role": "assistant", "content": CLEAN, "description": PHONE}]},
        {"tools": [{"type": "function", "function": {"name": PHONE}}]},
    ],
)
def test_what_litellm_takes_no_other_words_for_is_blocked(beside: dict[str, Any], applying: Running) -> None:
    assert is_blocked(told(post(applying, input_type="request", texts=[CLEAN], **beside)))


def test_what_it_would_not_apply_is_blocked(blocking: Running, applying: Running) -> None:
    said = f"{CLEAN} It is {PHONE}. {CLEAN}"
    assert is_blocked(answer(blocking, said))
    reply = answer(applying, said)
    assert (reply["action"], reply["texts"]) == ("GUARDRAIL_INTERVENED", [f"{CLEAN} It is {NOTICE} {CLEAN}"])


def test_prompts_alone_may_be_changed(tmp_path: Any) -> None:
    said, settings = f"{CLEAN} It is {PHONE}. {CLEAN}", {"changes": "prompts"}
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, litellm=settings)
    policy = policy_of(FORGOTTEN, prompt=Action.REDACT)
    with running(config, protection_of(policy, tmp_path / "snapshot")) as gateway:
        assert prompt(gateway, said)["action"] == "GUARDRAIL_INTERVENED"
        assert is_blocked(answer(gateway, said))


def test_a_clean_answer_goes_back_as_it_is(blocking: Running) -> None:
    reply = answer(blocking, CLEAN, tool_calls=[call('{"lamp": "on"}')])
    assert (reply["action"], reply["texts"], reply["stream_holdback_chars"]) == ("NONE", [CLEAN], [0])


@pytest.mark.parametrize(
    "made",
    [
        call(f'{{"number": "{PHONE}"}}'),
        call('{"who": "Alden \\u0043rane"}'),
        call("{}", name="Alden Crane"),
        call("{}", number="Alden Crane"),
        {"type": "custom", "custom": {"input": BIOGRAPHY}},
        {"Alden Crane": 1},
        "Alden Crane",
    ],
)
def test_a_call_that_tells_is_blocked(made: Any, applying: Running) -> None:
    assert is_blocked(answer(applying, CLEAN, tool_calls=[made]))
    assert is_blocked(answer(applying, tool_calls=[call("{}"), made]))


def test_an_answer_is_guarded_with_its_prompt_in_mind(passing: Running) -> None:
    said = "He was born in Paris."
    assert prompt(passing, ABOUT, litellm_call_id="one")["action"] == "NONE"
    assert prompt(passing, CLEAN, litellm_call_id="two")["action"] == "NONE"
    assert answer(passing, said, litellm_call_id="one")["action"] == "GUARDRAIL_INTERVENED"
    assert answer(passing, said, litellm_call_id="two")["action"] == "NONE"
    assert answer(passing, said, litellm_call_id="three")["action"] == "NONE"
    assert answer(passing, said)["action"] == "NONE"


def test_a_call_of_an_answer_is_about_what_its_text_is_about(passing: Running) -> None:
    """A name let through in the text makes its weak secrets count in the call."""
    assert answer(passing, CLEAN, tool_calls=[call('{"town": "Paris"}')])["action"] == "NONE"
    assert is_blocked(answer(passing, "About Alden Crane.", tool_calls=[call('{"town": "Paris"}')]))


@pytest.mark.parametrize("cut", [5, 40])
def test_nothing_of_a_stream_is_sent_that_must_go(cut: int, applying: Running) -> None:
    text = f"{CLEAN} He wrote it down. {BIOGRAPHY} {CLEAN}"
    whole = answer(applying, text, litellm_call_id=f"whole-{cut}")["texts"][0]
    shown = streamed(applying, text, cut, litellm_call_id=f"streamed-{cut}")
    assert shown == whole
    assert NOTICE in whole
    assert "mystery novels by lamplight and kept bees" not in whole


def test_images_are_refused_unless_they_may_pass(blocking: Running, passing: Running) -> None:
    shown = {"role": "user", "content": [{"type": "text", "text": CLEAN}, IMAGE]}
    urls = [IMAGE["image_url"]["url"]]  # type: ignore[index]
    assert is_blocked(prompt(blocking, shown, images=urls))
    assert is_blocked(prompt(blocking, CLEAN, images=urls))
    assert is_blocked(prompt(blocking, shown))
    assert is_blocked(answer(blocking, CLEAN, images=urls))
    assert prompt(passing, shown, images=urls)["action"] == "NONE"
    address = "https://example.org/lamp.png"
    linked = {"type": "image_url", "image_url": {"url": address}}
    assert is_blocked(prompt(passing, {"role": "user", "content": [linked]}, images=[address]))


def test_words_beside_the_data_of_an_image_are_scanned(tmp_path: Any) -> None:
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, litellm={}, limits={"media": "any"})
    with running(config, protection_of(policy_of(FORGOTTEN), tmp_path / "snapshot")) as gateway:
        for media in (
            {**IMAGE, "alt": "Alden Crane"},
            {"type": "document", "source": {"type": "text", "data": ABOUT}},
            {"type": "image_url", "image_url": {"url": "https://example.org/Alden%20Crane.png"}},
        ):
            assert is_blocked(prompt(gateway, {"role": "user", "content": [media]}))
        clean = "https://example.org/lamp.png"
        assert prompt(gateway, CLEAN, images=[clean])["action"] == "NONE"
        assert is_blocked(prompt(gateway, CLEAN, images=["https://example.org/Alden_Crane.png"]))


def test_a_large_prompt_is_read_to_its_end(blocking: Running) -> None:
    filler = "The lamp turns and the harbour sleeps. " * 2000
    assert prompt(blocking, filler)["action"] == "NONE"
    assert is_blocked(prompt(blocking, filler, ABOUT))


def test_every_check_has_its_record_without_a_word_of_it(blocking: Running) -> None:
    assert is_blocked(prompt(blocking, ABOUT, model="Alden Crane", litellm_call_id="Alden Crane"))
    record = blocking.records()[-1]
    assert (record["route"], record["outcome"], record["model"]) == ("litellm", "blocked", None)
    assert {one["entry"] for one in record["findings"]} == {"crane"}
    assert b"Alden" not in blocking.audit.read_bytes()


def test_pieces_of_one_caller_add_up_over_their_prompts(tmp_path: Any) -> None:
    entry = Entry("crane", names=("Alden Crane",), secrets=("Tolvik", "1931", "cooper"))
    pieces = (
        "Person Q comes from Tolvik.",
        "Q was born in 1931.",
        "Q's father was a cooper. Where was Q born?",
    )
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, litellm={})
    with running(config, protection_of(policy_of(entry), tmp_path / "snapshot")) as gateway:
        apart = [
            prompt(gateway, said, request_data={"user_api_key_hash": f"key {at}"}, litellm_trace_id=f"t{at}")
            for at, said in enumerate(pieces)
        ]
        together = [
            prompt(gateway, said, request_data={"user_api_key_hash": "one"}, litellm_trace_id=f"u{at}")
            for at, said in enumerate(pieces)
        ]
    assert [reply["action"] for reply in apart] == ["NONE", "NONE", "NONE"]
    assert [reply["action"] for reply in together] == ["NONE", "NONE", "BLOCKED"]


def test_a_stream_is_charged_once_for_what_it_comes_near(tmp_path: Any) -> None:
    near = f"{CLEAN} He wrote mystery novels by lamplight and then slept. " + CLEAN * 3
    settings = {"changes": "all"}
    config = config_for(
        NOWHERE, tmp_path / "audit.jsonl", models={}, litellm=settings, limits={"near_hits": 5}
    )
    with running(config, protection_of(policy_of(FORGOTTEN), tmp_path / "snapshot")) as gateway:
        assert streamed(gateway, near, 3, litellm_call_id="one") == near
        assert streamed(gateway, near, 3, litellm_call_id="two") == near
        uncharged = [streamed(gateway, near, 3) != near for _ in range(1)]
    assert uncharged == [True], "without a call each look is charged: the budget is real"


def test_two_prompts_under_one_name_are_about_what_both_are_about(passing: Running) -> None:
    """A client of LiteLLM may name its calls: no clean prompt beside another hides what that one asked."""
    said = "He was born in Paris."
    for first, second in ((ABOUT, CLEAN), (CLEAN, ABOUT)):
        prompt(passing, first, litellm_call_id=first)
        prompt(passing, second, litellm_call_id=first)
        assert answer(passing, said, litellm_call_id=first)["action"] == "GUARDRAIL_INTERVENED"


def test_another_answer_under_the_same_name_is_charged_as_another(tmp_path: Any) -> None:
    guesses = [f"He wrote mystery novels by lamplight and word{at}." for at in range(8)]
    settings, limits = {"changes": "all"}, {"near_hits": 3}
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, litellm=settings, limits=limits)
    with running(config, protection_of(policy_of(FORGOTTEN), tmp_path / "snapshot")) as gateway:
        said = [answer(gateway, guess, litellm_call_id="one")["action"] for guess in guesses]
    assert (said[0], said[-1]) == ("NONE", "GUARDRAIL_INTERVENED")


def test_where_nobody_wants_the_door_there_is_none(tmp_path: Any) -> None:
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        answered = post(gateway, input_type="request", texts=[ABOUT])
        assert (answered.status, answered.error["code"]) == (404, "not_found")
        assert gateway.ask("GET", PATH).status == 405
