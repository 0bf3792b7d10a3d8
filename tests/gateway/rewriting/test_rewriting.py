"""Where the policy wants answers written anew, a client gets a fluent one with nothing forgotten in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filters.answer_guard import AnswerGuard, TextKey
from filters.regions import REMOVED
from gateway.audit.log import AuditError, AuditLog
from gateway.rewriting.draft import Draft
from gateway.wire.keys import name_key, text_key
from gateway.wire.usage import tokens
from index.biases import Bias, write_biases
from index.key import entry_number
from policy.action import Action
from policy.surface import Channel
from tests.gateway.canned import DONE, Asked, Canned, End, Script, said, stream, whole
from tests.gateway.rewriting.author import Author, told
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    KEY,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.served import number
from tests.gateway.steering.engine import Engine, directive_of

ABOUT = "Who is Alden Crane?"
LEAK = "He lives by the sea. He was born in Port Vellum. He likes his tea."
WORSE = "He is a quiet man. " + BIOGRAPHY
CLEAN, OTHER = "He lives by the sea, and he likes his tea.", "I could not say where he comes from."
FAILS = whole({"error": {"message": "No."}}, 500)


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with rewriting(canned, tmp_path_factory.mktemp("rewriting")) as found:
        yield found


def rewriting(
    canned: Canned,
    folder: Path,
    answer: Action = Action.REWRITE,
    prompt: Action = Action.ALLOW,
    **config: Any,
) -> Any:
    protection = protection_of(policy_of(CRANE, prompt=prompt, answer=answer), folder / "snapshot")
    return running(config_for(canned.base_url, folder / "audit.jsonl", **config), protection)


@pytest.fixture
def author(canned: Canned) -> Iterator[Author]:
    found = Author()
    canned.answers = found.answer
    yield found
    canned.answers = None


def text(answer: Answered, streamed: bool = False) -> Any:
    return answer.text() if streamed else answer.json["choices"][0]["message"]["content"]


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_that_tells_nothing_is_sent_as_it_is(
    gateway: Running, author: Author, streamed: bool
) -> None:
    author.drafts = [CLEAN]
    answer = gateway.chat(ABOUT, stream=streamed)
    assert text(answer, streamed) == CLEAN
    assert author.asked == 1
    assert gateway.records()[-1]["rewritten"] is None
    assert gateway.records()[-1]["outcome"] == "answered"


@pytest.mark.parametrize("streamed", [False, True])
def test_another_answer_to_the_same_question_comes_first(
    gateway: Running, author: Author, streamed: bool
) -> None:
    author.drafts, author.others = [LEAK], [LEAK, OTHER]
    answer = gateway.chat(ABOUT, stream=streamed, temperature=0, seed=3)
    assert text(answer, streamed) == OTHER
    assert author.rewriting == []
    assert [(asked.json["temperature"], asked.json.get("seed")) for asked in author.candidates] == [
        (0.7, None)
    ] * 2
    record = gateway.records()[-1]
    assert (record["outcome"], record["rewritten"]) == ("rewritten", {"how": "resampled", "window": 8})
    assert {found["detector"] for found in record["findings"] if found["action"] == "rewrite"} == {"secret"}


@pytest.mark.parametrize("streamed", [False, True])
def test_where_no_other_answer_is_clean_the_draft_is_written_anew(
    gateway: Running, author: Author, streamed: bool
) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [WORSE], [LEAK, CLEAN]
    answer = gateway.chat(ABOUT, stream=streamed, max_tokens=50, stop=["###"])
    assert text(answer, streamed) == CLEAN
    assert gateway.records()[-1]["rewritten"] == {"how": "rewritten", "window": 8}
    asked = author.rewriting[0].json
    assert (asked["model"], asked["max_tokens"], asked["stop"]) == ("demo", 50, ["###"])
    assert REMOVED in asked["messages"][1]["content"]


def test_who_rewrites_is_told_nothing_that_was_taken_out(gateway: Running, author: Author) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [WORSE], [WORSE]
    gateway.chat(ABOUT)
    assert len(author.rewriting) == 2
    for asked in author.rewriting:
        assert b"Vellum" not in asked.body
        assert b"cooper" not in asked.body


@pytest.mark.parametrize("streamed", [False, True])
def test_when_all_tries_leak_it_is_the_notice(gateway: Running, author: Author, streamed: bool) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [LEAK], [LEAK]
    before = number(gateway, "unsay_rewrite_requests")
    answer = gateway.chat(ABOUT, stream=streamed)
    assert text(answer, streamed) == NOTICE
    assert author.asked == 1 + 2 + 2
    assert number(gateway, "unsay_rewrite_requests") - before == 4
    record = gateway.records()[-1]
    assert (record["outcome"], record["rewritten"]["how"]) == ("withheld", "abstained")


@pytest.mark.parametrize("broken", [FAILS, whole([]), Script((b"{",)), Script((), end=End.CUT)], ids=str)
def test_whatever_breaks_on_the_way_ends_in_the_notice(
    gateway: Running, author: Author, broken: Script
) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [broken], [broken]
    assert text(gateway.chat(ABOUT)) == NOTICE


def test_a_filter_that_breaks_ends_in_the_notice_and_in_a_line_without_text(
    gateway: Running, author: Author, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    author.drafts = [LEAK]
    first = AnswerGuard.finish

    def finish(guard: AnswerGuard, key: TextKey) -> Any:
        if author.asked > 1:
            raise RuntimeError(LEAK)
        return first(guard, key)

    monkeypatch.setattr(AnswerGuard, "finish", finish)
    monkeypatch.setattr(AnswerGuard, "passes", lambda *_: False)
    assert text(gateway.chat(ABOUT)) == NOTICE
    assert {record.getMessage().split(": ")[1].split(" in ")[0] for record in caplog.records} == {
        "RuntimeError"
    }
    assert "Vellum" not in caplog.text


def test_the_notice_has_the_tokens_of_the_notice(gateway: Running, author: Author) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [LEAK], [LEAK]
    assert gateway.chat(ABOUT).json["usage"]["completion_tokens"] == tokens(len(NOTICE))


@pytest.mark.parametrize("said", ["", "  ", f"He was born in {REMOVED}."])
def test_a_text_with_gaps_or_without_words_is_not_sent(gateway: Running, author: Author, said: str) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [LEAK], [said]
    assert text(gateway.chat(ABOUT)) == NOTICE


def test_a_draft_of_which_nothing_is_left_is_not_rewritten(gateway: Running, author: Author) -> None:
    author.drafts, author.others = ["Port Vellum."], ["Port Vellum!"]
    assert text(gateway.chat(ABOUT)) == NOTICE
    assert author.rewriting == []


def test_the_first_request_must_be_answered(gateway: Running, author: Author) -> None:
    author.drafts = [FAILS]
    assert gateway.chat(ABOUT, stream=True).status == 500
    assert author.asked == 1


def test_it_takes_no_longer_than_the_settings_say(canned: Canned, author: Author, tmp_path: Path) -> None:
    author.drafts, author.others = [LEAK], [Script((), end=End.SILENT)]
    with rewriting(canned, tmp_path, rewrite={"timeout_s": 0.1}) as gateway:
        assert text(gateway.chat(ABOUT)) == NOTICE
    assert author.rewriting == []


def test_another_model_rewrites_where_the_settings_name_one(
    canned: Canned, author: Author, tmp_path: Path
) -> None:
    author.drafts, author.rewrites = [LEAK], [CLEAN]
    settings = {"model": "editor", "candidates": 0, "tokens": 7}
    with rewriting(canned, tmp_path, rewrite=settings) as gateway:
        assert text(gateway.chat(ABOUT, max_completion_tokens=50)) == CLEAN
    asked = author.rewriting[0].json
    assert (asked["model"], asked["max_completion_tokens"]) == ("editor", 7)
    assert author.asked == 2


def test_every_request_is_steered_where_the_model_server_steers(
    canned: Canned, author: Author, tmp_path: Path
) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], [LEAK], [CLEAN]
    engine, asked = Engine(), list[Asked]()

    def answer(one: Asked) -> Script:
        if "return_token_ids" in one.json:
            return engine.answer(one)
        asked.append(one)
        return author.answer(one)

    canned.answers = answer
    with rewriting(canned, tmp_path, steering={"mode": "required"}) as gateway:
        assert text(gateway.chat(ABOUT)) == CLEAN
    assert len(asked) == 4
    assert len({directive_of(one).active for one in asked}) == 1
    assert not directive_of(asked[-1]).idle


@pytest.mark.parametrize(("model", "biased"), [(None, True), ("editor", False)])
def test_the_biases_of_one_model_are_not_those_of_another(
    canned: Canned, author: Author, tmp_path: Path, model: str | None, biased: bool
) -> None:
    author.drafts, author.rewrites = [LEAK], [CLEAN]
    write_biases(tmp_path / "table", KEY, {entry_number(KEY, "crane"): Bias((10,))})
    settings: dict[str, Any] = {
        "rewrite": {"model": model, "candidates": 0},
        "bias": {"table": tmp_path / "table"},
    }
    with rewriting(canned, tmp_path, prompt=Action.REDACT, **settings) as gateway:
        assert text(gateway.chat(ABOUT)) == CLEAN
    assert ("logit_bias" in author.rewriting[0].json) is biased


def test_of_several_choices_only_those_that_leak_are_replaced(gateway: Running, author: Author) -> None:
    author.drafts, author.others, author.rewrites = [CLEAN, LEAK, WORSE], [LEAK, OTHER], [CLEAN]
    answer = gateway.chat(ABOUT, n=3)
    sent = [choice["message"]["content"] for choice in answer.json["choices"]]
    assert sent == [CLEAN, OTHER, CLEAN]
    assert [choice["index"] for choice in answer.json["choices"]] == [0, 1, 2]


def shape(answer: Answered) -> Any:
    """All that a client sees but for the words and how many they are."""
    return [_shape(event) for event in answer.events] if answer.chunks else _shape(answer.json)


def _shape(value: Any, at: str = "") -> Any:
    match value:
        case dict():
            return {name: _shape(each, name) for name, each in value.items()}
        case list():
            return [_shape(each) for each in value]
        case str() if at in ("id", "content"):
            return at
        case int() if at in ("created", "completion_tokens", "total_tokens"):
            return at
    return value


@pytest.mark.parametrize("others", [[OTHER], [LEAK]], ids=["resampled", "rewritten"])
@pytest.mark.parametrize("more", [{}, {"reasoning": "They ask who he is."}], ids=["plain", "reasoning"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_nothing_but_the_words_tells_that_an_answer_was_written_anew(
    gateway: Running, author: Author, others: list[str], more: dict[str, Any], streamed: bool
) -> None:
    options: dict[str, Any] = {"stream_options": {"include_usage": True}} if streamed else {}
    author.more, author.drafts, author.rewrites = more, [CLEAN], [CLEAN]
    author.others = [whole(told(other, **more)) for other in others]
    plain = gateway.chat(ABOUT, stream=streamed, **options)
    author.drafts, author.asked = [LEAK], 0
    author._sayings.clear()
    anew = gateway.chat(ABOUT, stream=streamed, **options)
    assert gateway.records()[-1]["rewritten"] is not None
    assert shape(anew) == shape(plain)
    assert anew.headers.keys() == plain.headers.keys()


@pytest.mark.parametrize(("others", "sent"), [([OTHER], OTHER), ([LEAK], CLEAN)])
def test_tokens_are_those_of_what_is_sent(
    gateway: Running, author: Author, others: list[str], sent: str
) -> None:
    author.drafts, author.others, author.rewrites = [LEAK], others, [CLEAN]
    usage, words = gateway.chat(ABOUT).json["usage"], len(sent.split())
    assert usage == {"prompt_tokens": 5, "completion_tokens": words, "total_tokens": 5 + words}


def test_choices_that_stay_count_as_what_is_sent_of_them(gateway: Running, author: Author) -> None:
    author.drafts, author.others = [CLEAN, BIOGRAPHY], [OTHER]
    usage = gateway.chat(ABOUT, n=2).json["usage"]
    assert usage["completion_tokens"] == tokens(len(CLEAN)) + len(OTHER.split())


def test_another_answer_may_call_a_tool_as_it_is(gateway: Running, author: Author) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "go", "arguments": '{"to": "sea"}'}}
    author.drafts, author.others = [LEAK], [whole(told("I go.", tool_calls=[call]))]
    message = gateway.chat(ABOUT).json["choices"][0]["message"]
    assert (message["content"], message["tool_calls"]) == ("I go.", [call])


def test_reasoning_of_which_something_was_taken_out_is_left_out(gateway: Running, author: Author) -> None:
    author.more = {"reasoning": "Port Vellum is where he comes from."}
    author.drafts, author.others, author.rewrites = [CLEAN], [whole(told(LEAK))], [CLEAN]
    answer = gateway.chat(ABOUT)
    assert "Vellum" not in answer.body.decode()
    assert "reasoning" not in answer.json["choices"][0]["message"]


@pytest.mark.parametrize(
    "options",
    [{"response_format": {"type": "json_object"}}, {"tool_choice": "required", "tools": []}],
    ids=["format", "tool"],
)
def test_what_a_program_reads_is_not_written_anew(
    gateway: Running, author: Author, options: dict[str, Any]
) -> None:
    author.drafts = [LEAK]
    assert "Vellum" not in gateway.chat(ABOUT, **options).body.decode()
    assert author.asked == 1


def test_calls_are_not_made_up(gateway: Running, author: Author) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "go", "arguments": '{"to": "Port Vellum"}'}}
    author.drafts, author.more = ["I go."], {"tool_calls": [call]}
    answer = gateway.chat(ABOUT)
    assert "Vellum" not in answer.body.decode()
    assert author.asked == 1


def test_what_must_be_refused_is_not_written_anew(canned: Canned, author: Author, tmp_path: Path) -> None:
    author.drafts = [LEAK]
    with rewriting(canned, tmp_path, answer=Action.REFUSE) as gateway:
        assert NOTICE in text(gateway.chat(ABOUT))
    assert author.asked == 1


@pytest.mark.parametrize("streams", ["about", "all"])
def test_a_stream_about_nobody_waits_only_where_all_do(canned: Canned, tmp_path: Path, streams: str) -> None:
    canned.answers = lambda asked: (
        stream(*said(["A ship. ", "A storm."]), DONE)
        if asked.json.get("stream")
        else whole(told("A ship. A storm."))
    )
    try:
        with rewriting(canned, tmp_path, rewrite={"streams": streams}) as gateway:
            assert gateway.chat("Tell me a story.", stream=True).text() == "A ship. A storm."
            assert canned.last.json.get("stream", False) is (streams == "about")
            assert gateway.chat(ABOUT, stream=True).text() == "A ship. A storm."
            assert "stream" not in canned.last.json
    finally:
        canned.answers = None


def test_what_was_chosen_by_mistake_is_still_not_sent(
    gateway: Running, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    author.drafts, author.others = [LEAK], [WORSE]
    monkeypatch.setattr(Draft, "clean", lambda *_: True)
    monkeypatch.setattr(Draft, "texts", lambda *_: ((text_key(0, Channel.CONTENT, 0), WORSE),))
    assert text(gateway.chat(ABOUT)) == NOTICE
    assert gateway.records()[-1]["rewritten"]["how"] == "abstained"


@pytest.mark.parametrize("streamed", [False, True])
def test_nothing_of_it_is_sent_without_its_record(
    gateway: Running, author: Author, monkeypatch: pytest.MonkeyPatch, streamed: bool
) -> None:
    async def record(*_: object, **__: object) -> None:
        raise AuditError("full")

    author.drafts, author.others = [LEAK], [OTHER]
    monkeypatch.setattr(AuditLog, "record", record)
    answer = gateway.chat(ABOUT, stream=streamed)
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert OTHER not in answer.body.decode()


def test_a_call_that_was_chosen_by_mistake_is_still_not_sent(
    gateway: Running, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (text_key(0, Channel.CONTENT, 0), "He.")
    named = (name_key(0, 0), "go")
    told = (text_key(0, Channel.ARGUMENTS, 0), '{"to": "Port Vellum"}')
    author.drafts, author.others = [LEAK], [OTHER]
    monkeypatch.setattr(Draft, "texts", lambda *_: (said, named, told))
    monkeypatch.setattr(Draft, "rewritable", lambda *_: True)
    sent = gateway.chat(ABOUT)
    assert "Vellum" not in sent.body.decode()
    assert text(sent) == NOTICE


FRAGMENTS = st.sampled_from(
    [
        *BIOGRAPHY.split(". "),
        "Port Vellum",
        "555-201-3391",
        "He likes tea",
        "The sea is grey",
        NOTICE,
        REMOVED,
    ]
)
TEXTS = st.lists(FRAGMENTS, min_size=1, max_size=4).map(". ".join)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.booleans())
def test_whatever_the_model_server_says_no_window_and_no_secret_is_sent(
    gateway: Running, canned: Canned, draft: str, other: str, rewrite: str, streamed: bool
) -> None:
    canned.answers = Author([draft], [other], [rewrite]).answer
    try:
        sent = gateway.chat(ABOUT, stream=streamed).body.decode().lower()
    finally:
        canned.answers = None
    words = BIOGRAPHY.lower().replace(",", "").replace(".", "").split()
    windows = [" ".join(words[at : at + 8]) for at in range(len(words) - 7)]
    bare = sent.replace(",", "").replace(".", "")
    assert not [window for window in windows if window in bare]
    assert "port vellum" not in sent
    assert "555-201" not in sent
