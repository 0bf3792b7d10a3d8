"""What was done is on record before an answer ends, and never a text; if the log fails nothing is served."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.audit.verify import verify
from tests.gateway.audit.disk import FULL, Disk
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

LAMP = whole({"choices": [{"index": 0, "message": {"content": "A lamp."}, "finish_reason": "stop"}]})


def test_nothing_is_served_without_a_record(canned: Canned, path: Path, disk: Disk) -> None:
    with running(
        config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
    ) as it:
        canned.play(LAMP)
        assert it.chat().status == 200
        disk.error = FULL
        assert it.chat().status == 503, "the answer was there, but it could not be recorded"
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = it.chat(question)
            assert (answered.status, answered.error["code"]) == (503, "unavailable")
            assert b"lamp" not in answered.body
        assert len(canned.asked) == 2, "while the log fails, the model server is not even asked"
        assert it.ask("GET", "/readyz").json["checks"]["audit"] is False
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        answered = it.chat()
        assert answered.status == 200
        assert it.records()[-1]["request"] == answered.headers["x-request-id"]
        assert verify(path).ok


def test_a_stream_under_way_ends_with_an_error_and_its_record_is_kept(
    canned: Canned, path: Path, disk: Disk
) -> None:
    with running(
        config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
    ) as it:
        canned.play(stream(*said(["A lamp."]), DONE))
        disk.error = FULL
        answered = it.chat(stream=True)
        assert answered.events[-2]["error"]["code"] == "unavailable"
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        record = next(one for one in it.records() if one.get("request") == answered.headers["x-request-id"])
        assert (record["outcome"], record["status"], record["error"]) == ("failed", 200, "unavailable")


def test_a_stream_under_way_ends_as_soon_as_the_log_fails(canned: Canned, path: Path, disk: Disk) -> None:
    """It does not go on to its end, which may be far."""
    with (
        running(
            config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
        ) as it,
        ThreadPoolExecutor() as pool,
    ):
        canned.play(stream(*said([f"word{number} " for number in range(9000)]), DONE, pause_s=0.02))
        streaming = pool.submit(it.chat, stream=True)
        until(lambda: canned.sent > 5)
        disk.error = FULL
        assert it.chat("Who is Alden Crane?").status == 503
        answered = streaming.result()
        assert answered.events[-2]["error"]["code"] == "unavailable"
        assert 0 < len(answered.chunks) < 8000
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        record = next(one for one in it.records() if one.get("request") == answered.headers["x-request-id"])
        assert (record["outcome"], record["error"]) == ("failed", "unavailable")


def test_a_record_is_written_before_the_answer_ends(canned: Canned, strict: Running) -> None:
    """Whoever has the last byte can look the request up."""
    for fields in ({}, {"stream": True}):
        canned.play(
            stream(*said(["A lamp."]), DONE) if fields else whole({"choices": [{"index": 0, "message": {}}]})
        )
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = strict.chat(question, **fields)
            assert answered.headers["x-request-id"] in {record["request"] for record in strict.records()}


def test_the_log_holds_no_text(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Alden Crane was born in Port Vellum."]), DONE))
    strict.chat("Hello! My zebra is called Quagmire.", stream=True)
    strict.chat("Who is Alden Crane, born in Port Vellum, 555-201-3391?")
    strict.chat("Quagmire", model="Quagmire", stop=["Quagmire"], user="Quagmire")
    strict.post(b'{"Quagmire": "Quagmire"}')
    # Digests may hold any four digits.
    text = re.sub(r"[0-9a-f]{24,}", "", strict.audit.read_text())
    for word in ("Alden", "Crane", "Vellum", "3391", "Quagmire", "zebra", "don't"):
        assert word not in text
    assert verify(strict.audit).ok


def test_a_record_says_what_was_found_and_done(canned: Canned, strict: Running) -> None:
    strict.chat("Tell me. Who is Alden Crane?")
    record = strict.records()[-1]
    assert (record["outcome"], record["status"], record["model"], record["generation"]) == (
        "refused",
        200,
        "demo",
        1,
    )
    assert len(record["policy"]) == 64
    assert record["policy"] != "0" * 64, "the bare digest would let a reader try short secrets"
    assert record["findings"] == [
        {
            "surface": "prompt",
            "role": "user",
            "message": 0,
            "entry": "crane",
            "detector": "name",
            "start": 16,
            "end": 27,
            "score": 1.0,
            "action": "refuse",
            "provenance": "in_context",
            "view": None,
        }
    ]
    canned.play(stream(*said(["It was Alden ", "Crane."]), DONE))
    strict.chat("Who?", stream=True)
    found = strict.records()[-1]["findings"][0]
    assert (found["surface"], found["choice"], found["entry"], found["action"]) == (
        "content",
        0,
        "crane",
        "redact",
    )
    assert (found["start"], found["end"]) == (7, 18)
