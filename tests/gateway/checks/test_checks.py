"""A check says what would become of a text, and no more."""

from typing import Any

import pytest

from tests.gateway.checks.asking import PATH, check, messages, verdict
from tests.gateway.running import BIOGRAPHY, NOTICE, Running

ABOUT = "Where was Alden Crane born?"
TELLS = "He was born in Port Vellum, and his phone number is 555-201-3391."
CLEAN = "The lamp turns."


def test_a_prompt_that_would_be_answered_passes(refusing: Running) -> None:
    assert verdict(check(refusing, input=CLEAN)) == ("passed", None)
    assert verdict(check(refusing, messages=messages(CLEAN, "Why?"))) == ("passed", None)


@pytest.mark.parametrize(
    "asked",
    [
        {"input": ABOUT},
        {"messages": messages(ABOUT)},
        {"messages": messages("Go on."), "tools": [{"type": "function", "function": {"name": ABOUT}}]},
        {"messages": messages(CLEAN), "documents": [{"text": ABOUT}]},
        {"messages": messages(*BIOGRAPHY.split(". "))},
        {"input": "QWxkZW4gQ3JhbmUgd2FzIGJvcm4gaW4gUG9ydCBWZWxsdW0u"},
    ],
)
def test_a_prompt_that_would_be_refused_is_blocked(asked: dict[str, Any], refusing: Running) -> None:
    assert verdict(check(refusing, **asked)) == ("blocked", None)


def test_a_prompt_that_would_be_changed_comes_back_changed(redacting: Running) -> None:
    status, modified = verdict(check(redacting, input=f"{CLEAN} {TELLS}"))
    assert status == "modified"
    assert modified.keys() == {"input"}
    assert modified["input"].startswith(CLEAN)
    assert "555-201-3391" not in modified["input"]


def test_changed_messages_come_back_as_messages(redacting: Running) -> None:
    documents = [{"text": TELLS}]
    status, modified = verdict(check(redacting, messages=messages(CLEAN), documents=documents, n=2))
    assert (status, modified.keys()) == ("modified", {"messages", "documents"})
    assert modified["messages"] == messages(CLEAN)
    assert "555-201-3391" not in modified["documents"][0]["text"]


def test_what_cannot_be_changed_is_blocked(redacting: Running) -> None:
    tools = [{"type": "function", "function": {"name": "call 555-201-3391"}}]
    assert verdict(check(redacting, messages=messages(CLEAN), tools=tools)) == ("blocked", None)


def test_an_answer_is_checked_as_an_answer(refusing: Running) -> None:
    status, modified = verdict(
        check(refusing, input=f"{CLEAN} It is 555-201-3391. {CLEAN}", surface="answer")
    )
    assert status == "modified"
    assert modified == {"input": f"{CLEAN} It is {NOTICE} {CLEAN}"}
    assert verdict(check(refusing, input=CLEAN, surface="answer")) == ("passed", None)


def test_an_answer_that_would_end_is_blocked(redacting: Running) -> None:
    assert verdict(check(redacting, input=f"Alden Crane. {TELLS}", surface="answer")) == ("blocked", None)


def test_an_answer_is_checked_after_what_it_answers(redacting: Running) -> None:
    alone = check(redacting, input="He was born in Paris.", surface="answer")
    after = check(redacting, messages=messages(ABOUT), input="He was born in Paris.", surface="answer")
    assert verdict(alone) == ("passed", None)
    assert verdict(after) == ("blocked", None)


def test_an_answer_to_what_would_be_refused_is_blocked(refusing: Running) -> None:
    said = check(refusing, messages=messages(ABOUT), input=CLEAN, surface="answer")
    assert verdict(said) == ("blocked", None)


def test_a_large_text_is_checked_to_its_end(refusing: Running) -> None:
    filler = "The lamp turns and the harbour sleeps. " * 2000
    assert verdict(check(refusing, input=filler)) == ("passed", None)
    assert verdict(check(refusing, input=f"{filler} {ABOUT}")) == ("blocked", None)
    status, modified = verdict(check(refusing, input=f"{filler} Alden Crane.", surface="answer"))
    assert (status, modified) == ("modified", {"input": f"{filler} {NOTICE}"})


def test_every_check_has_its_record_without_a_word_of_it(refusing: Running) -> None:
    answered = check(refusing, input=f"{ABOUT} {TELLS}")
    record = refusing.records()[-1]
    assert record["request"] == answered.headers["x-request-id"]
    assert (record["route"], record["outcome"], record["status"]) == ("checks", "blocked", 200)
    assert {one["entry"] for one in record["findings"]} == {"crane"}
    assert b"Vellum" not in refusing.audit.read_bytes()
    counted = b'unsay_requests_total{outcome="blocked",route="checks"}'
    assert counted in refusing.ask("GET", "/metrics").body


def test_a_blocked_check_looks_the_same_whatever_was_found(refusing: Running) -> None:
    guesses = ["Alden Crane", "555-201-3391", BIOGRAPHY, "Is it 555-201-3391 or Port Vellum, Alden Crane?"]
    answers = [check(refusing, input=guess) for guess in guesses]
    shapes = {
        (one.status, tuple(sorted(one.headers.keys() - {"date"})), one.headers["content-length"])
        for one in answers
    }
    assert len(shapes) == 1
    bodies = [{**one.json, "id": "", "created": 0} for one in answers]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["status"] == "blocked"


def test_a_right_guess_of_a_changed_text_looks_like_a_wrong_one(redacting: Running) -> None:
    right, wrong = (
        verdict(check(redacting, input=f"Alden Crane: {guess}, yes or no?"))
        for guess in ("555-201-3391", "555-201-3392")
    )
    assert right == wrong
    assert right[0] == "modified"


def test_a_model_is_asked_for_only_where_one_is_named(refusing: Running) -> None:
    assert verdict(check(refusing, input=CLEAN)) == ("passed", None)
    named = check(refusing, input=CLEAN, model="demo")
    assert (named.status, named.error["code"]) == (502, "upstream_unreachable")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_check_is_posted(method: str, refusing: Running) -> None:
    assert refusing.ask(method, PATH).status == 405
