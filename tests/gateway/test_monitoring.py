"""What is only monitored is told, and nobody who asks can tell that it is."""

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway import monitoring
from gateway.protection import Protection, now
from index.build import build
from index.snapshot import Snapshot
from policy.entry import Entry
from tests.gateway.canned import Canned, Script, spoken
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    KEY,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.served import number, until

KEEPER = (
    "The lighthouse keeper of Tolvik counted seventeen herons each morning before the tide came in over "
    "the flats, and wrote their number on the door."
)
MONITORED = Entry("keeper", names=("Osric Vane",), passages=(KEEPER,))
# What of an answer says which request it answers.
OWN = re.compile(rb'(?:chatcmpl|req|cmpl)[-_][0-9a-f]+|"created": ?\d+')


def shadow_of(folder: Path, whole: Protection) -> Protection:
    """What is in force and, monitored, one more."""
    build(policy_of(CRANE, MONITORED), folder, KEY)
    made = Snapshot.load(folder, KEY)
    entries = tuple(replace(one, monitored=one.id == MONITORED.id) for one in made.entries)
    manifest = made.manifest.model_copy(update={"contents": whole.snapshot.manifest.contents})
    return Protection(whole.policy, replace(made, entries=entries, manifest=manifest), None, 5.0)


@pytest.fixture(scope="module")
def bare(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("bare")
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def shadow(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    folder = tmp_path_factory.mktemp("shadow")
    return shadow_of(folder / "all", protection_of(policy_of(CRANE), folder / "snapshot"))


@pytest.fixture(scope="module")
def watched(
    canned: Canned, shadow: Protection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("watched")
    whole = protection_of(policy_of(CRANE), folder / "snapshot")
    protection = Protection(whole.policy, whole.snapshot, None, 5.0, shadow=shadow)
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


def told(gateway: Running, count: int = 1) -> list[Any]:
    """What was monitored, once so much was."""

    def found() -> list[Any]:
        return [one for one in gateway.records() if one["event"] == "monitored"]

    return list(until(lambda: found() if len(found()) >= count else None))


def at_once(script: Script) -> Script:
    """In one write: what comes in two may be sent in two."""
    return replace(script, pieces=(b"".join(script.pieces),))


def anonymous(answered: Answered) -> bytes:
    return OWN.sub(b"", answered.body)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("Go on.", f"Once more: {KEEPER} Osric Vane said so."),
        ("Who is Osric Vane?", "A keeper."),
        (f"Say it again: {KEEPER}", KEEPER),
        ("Go on.", f"{KEEPER} {BIOGRAPHY}"),
        ("Who is Alden Crane?", "Nobody."),
    ],
)
def test_an_answer_is_the_same_byte_for_byte(
    bare: Running, watched: Running, canned: Canned, asked: str, says: str, streamed: bool
) -> None:
    canned.answers = lambda request: at_once(spoken(says, request))
    answers = [gateway.chat(asked, stream=streamed) for gateway in (bare, watched)]
    assert [one.status for one in answers] == [200, 200]
    assert anonymous(answers[0]) == anonymous(answers[1])
    assert len(answers[0].body) > 100


def test_what_would_be_done_is_told_without_a_text(watched: Running, canned: Canned) -> None:
    canned.answers = lambda request: spoken(f"He wrote: {KEEPER}", request)
    before = [number(watched, f"unsay_monitored_{name}_total") for name in ("requests", "findings")]
    known = len([one for one in watched.records() if one["event"] == "monitored"])
    request = watched.chat("Go on.", stream=True).headers["x-request-id"]
    asked = watched.chat("Who is Osric Vane?").headers["x-request-id"]
    answer, prompt = told(watched, known + 2)[-2:]
    assert (answer["request"], answer["outcome"]) == (request, "withheld")
    assert {one["entry"] for one in answer["findings"]} == {MONITORED.id}
    assert {one["surface"] for one in answer["findings"]} == {"content"}
    assert (prompt["request"], prompt["outcome"]) == (asked, "refused")
    assert [one["detector"] for one in prompt["findings"] if one["surface"] == "prompt"] == ["name"]
    own = [one for one in watched.records() if one.get("request") == request and one["event"] == "request"]
    assert [(one["outcome"], one["findings"]) for one in own] == [("answered", [])]
    log = watched.audit.read_text()
    assert "heron" not in log
    assert "Osric" not in log
    after = [number(watched, f"unsay_monitored_{name}_total") for name in ("requests", "findings")]
    assert after[0] == before[0] + 2
    assert after[1] > before[1] + 1


def test_nobody_waits_for_it(
    watched: Running, shadow: Protection, canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    canned.answers = lambda request: spoken(KEEPER, request)
    known = len([one for one in watched.records() if one["event"] == "monitored"])
    gate, read = threading.Event(), Protection.read

    async def waiting(self: Protection, body: Any) -> Any:
        if self is shadow:
            await asyncio.to_thread(gate.wait)
        return await read(self, body)

    monkeypatch.setattr(Protection, "read", waiting)
    answers = [watched.chat("Go on.").status for _ in range(3)]
    assert (answers, gate.is_set()) == ([200] * 3, False)
    assert len([one for one in watched.records() if one["event"] == "monitored"]) == known
    gate.set()
    assert len(told(watched, known + 3)) == known + 3


def test_what_is_too_much_at_a_time_is_counted_and_not_looked_through(
    watched: Running, canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    canned.answers = lambda request: spoken(KEEPER, request)
    monkeypatch.setattr(monitoring, "MOST_BYTES", 0)
    skipped = 'unsay_monitored_requests_total{outcome="skipped"}'
    before = number(watched, skipped)
    assert watched.chat("Go on.").status == 200
    assert until(lambda: number(watched, skipped) == before + 1)


def test_a_snapshot_that_monitors_enforces_nothing_else(shadow: Protection) -> None:
    names = {shadow.snapshot.entries[place].id for place in shadow.snapshot.in_force("demo", now())}
    assert names == {MONITORED.id}
