"""Files that change while a gateway serves are taken whole or not at all, by all workers, in a known time."""

import os
import signal
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import NOTICE, Answered, Running
from tests.gateway.served import ENTRY, Served, policy_text, refused, served, until

STONE = {"id": "stone", "names": ["Bella Stone"]}
SECRET = "The salt is kept in the third barrel from the left."
ANSWER = {"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}
YES = whole({"choices": [ANSWER]})
# Looking, the moment of stillness, the build of this small policy, opening it: all of it on a busy machine.
BOUND_S = 60.0


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(canned.base_url, tmp_path_factory.mktemp("reload")) as found:
        yield found


@pytest.fixture(autouse=True)
def _as_before(request: pytest.FixtureRequest, canned: Canned) -> None:
    canned.play(YES)
    if "gateway" in request.fixturenames:
        gateway: Served = request.getfixturevalue("gateway")
        gateway.policy(ENTRY)
        until(lambda: forgets(gateway, "Alden Crane") and not forgets(gateway, "Bella Stone"))
        until(lambda: gateway.number("unsay_reload_failed") == 0)


def forgets(gateway: Served, name: str, notice: str = NOTICE) -> bool:
    """Whether every worker refuses to speak of somebody."""
    return all(gateway.of_each(lambda worker: refused(worker.chat(f"Who is {name}?"), notice)))


def test_a_new_entry_binds_all_workers_in_time_and_streams_keep_their_own(
    canned: Canned, gateway: Served
) -> None:
    told = Event()
    canned.play(stream(*said(["The lamp "] * 10 + ["of Bella Stone."]), DONE, gate=told))
    answers: list[Answered] = []
    under_way = Thread(target=lambda: answers.append(gateway.running.chat(stream=True)))
    under_way.start()
    until(lambda: canned.asked and canned.sent > 0)
    began, generation = time.monotonic(), gateway.number("unsay_snapshot_generation")
    gateway.policy(ENTRY, STONE)
    # The number is the lowest of all workers.
    until(lambda: gateway.number("unsay_snapshot_generation") > generation, BOUND_S)
    assert forgets(gateway, "Bella Stone")
    print(f"enforced by all workers after {time.monotonic() - began:.2f} s")
    assert under_way.is_alive()
    told.set()
    under_way.join(60)
    assert answers[0].text().endswith("of Bella Stone.")
    canned.play(stream(*said(["of ", "Bella ", "Stone."]), DONE))
    assert gateway.running.chat(stream=True).text().startswith(f"of {NOTICE}")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("version: 1\nentries: [{id: one, secrets: [", "policy.yaml:"),
        (f'version: 1\nentries: [{{id: one, secret: ["{SECRET}"]}}]', "secret"),
        (f'version: 1\nentries: [{{id: one, passages: [{{file: "none/*.txt"}}, "{SECRET}"]}}]', "none/*.txt"),
        (f'version: 1\nentries: [{{id: one, passages: ["{SECRET}"], retain: ["{SECRET}"]}}]', "retain"),
        ("", "policy.yaml:1"),
    ],
    ids=["torn", "unknown key", "no such file", "cannot be built", "empty"],
)
def test_a_policy_that_cannot_be_used_changes_nothing_and_is_told(
    broken: str, told: str, gateway: Served
) -> None:
    before, generation = len(gateway.log), gateway.number("unsay_snapshot_generation")
    (gateway.folder / "policy.yaml").write_text(broken)
    until(lambda: gateway.number("unsay_reload_failed") == 1)
    until(lambda: told in gateway.log[before:])
    until(lambda: set(gateway.of_each(_reload)) == {"failed"})
    log = gateway.log[before:]
    assert "the last good one stays in force" in log
    assert "third barrel" not in log
    state = gateway.ready()
    assert (state["ready"], state["reload"]) == (True, "failed")
    assert state["reload_failed_at"].startswith("20")
    assert forgets(gateway, "Alden Crane")
    assert gateway.number("unsay_snapshot_generation") == generation


def _reload(worker: Running) -> str:
    return str(worker.ask("GET", "/readyz").json["reload"])


def test_other_rules_alone_need_no_new_snapshot(gateway: Served) -> None:
    generation = gateway.number("unsay_snapshot_generation")
    gateway.policy(ENTRY, notice="Nobody knows.")
    until(lambda: forgets(gateway, "Alden Crane", "Nobody knows."), BOUND_S)
    assert gateway.number("unsay_snapshot_generation") == generation


def test_a_file_that_the_policy_names_is_watched_too(gateway: Served) -> None:
    texts = gateway.folder / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text("One two three four five.")
    gateway.policy(ENTRY, {"id": "files", "passages": [{"file": "texts/*.txt"}]})
    generation = until(lambda: gateway.number("unsay_snapshot_generation"))
    (texts / "b.txt").write_text(
        "The lantern on the pier turns seven times before the ferry leaves the harbour."
    )
    until(lambda: gateway.number("unsay_snapshot_generation") > generation)
    asked = "Is it true that the lantern on the pier turns seven times before the ferry leaves the harbour?"
    assert until(lambda: all(gateway.of_each(lambda worker: refused(worker.chat(asked), NOTICE))), BOUND_S)


def test_a_misspelt_model_is_told_with_the_configured_ones_and_the_policy_is_taken(gateway: Served) -> None:
    gateway.policy(ENTRY, {**STONE, "models": ["dmeo"]})
    until(
        lambda: "models: 'dmeo' in stone fits none of 'demo' (did you mean 'demo'?)" in gateway.log, BOUND_S
    )
    gateway.policy(ENTRY, {**STONE, "models": ["dem?"]})
    until(lambda: forgets(gateway, "Bella Stone"), BOUND_S)
    assert gateway.log.count("fits none of") == 1


def test_a_worker_that_begins_later_serves_the_newest(gateway: Served) -> None:
    gateway.policy(ENTRY, STONE)
    until(lambda: forgets(gateway, "Bella Stone"), BOUND_S)
    for pid in (before := gateway.workers()):
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(gateway.workers()) == 2 and not set(before) & set(gateway.workers()))
    until(lambda: gateway.number("unsay_snapshot_generation"))
    assert forgets(gateway, "Bella Stone")


def test_settings_are_taken_over_when_told_to_and_what_needs_a_new_start_is_said(
    canned: Canned, tmp_path: Path
) -> None:
    with served(canned.base_url, tmp_path, reload={"watch_s": 0}) as gateway:
        key = {"name": "app", "operator": True, "sha256": sha256(b"key").hexdigest()}
        listen = {"host": "127.0.0.1", "port": 1, "workers": 2}
        gateway.config(keys=[key], refusal="error", listen=listen, limits={"header_s": 3})
        time.sleep(0.5)
        assert gateway.running.chat().status == 200
        gateway.tell(signal.SIGHUP)
        until(lambda: [one.status for one in gateway.of_each(Running.chat)] == [401, 401], BOUND_S)
        for name in ("listen", "limits.header_s"):
            assert f"{name}: what was changed takes effect at the next start" in gateway.log
        assert _with_key(gateway, "Who is Alden Crane?").error["code"] == "content_filter"
        (gateway.folder / "unsay.yaml").write_text("limits: {requests: many}\n")
        gateway.policy(ENTRY, STONE)
        gateway.tell(signal.SIGHUP)
        until(lambda: gateway.ready()["reload"] == "failed", BOUND_S)
        assert "unsay.yaml:1" in gateway.log
        # What is wrong with one file does not keep the other from being taken.
        until(lambda: _with_key(gateway, "Who is Bella Stone?").status == 400, BOUND_S)


def _with_key(gateway: Served, text: str) -> Any:
    body = f'{{"model": "demo", "messages": [{{"role": "user", "content": "{text}"}}]}}'
    return gateway.running.post(body.encode(), Authorization="Bearer key")


def test_a_policy_that_fails_its_own_tests_is_not_taken(canned: Canned, tmp_path: Path) -> None:
    canned.play(YES)
    bella = {"tests": {"must_withhold": ["Who is Bella Stone?"]}}
    lax = [{"when": {}, "prompt": "allow", "answer": "allow"}]
    (tmp_path / "policy.yaml").write_text(policy_text(ENTRY, STONE, **bella))
    with served(canned.base_url, tmp_path, workers=1, test_policy=True) as gateway:
        gateway.policy(ENTRY, STONE, rules=lax, **bella)
        until(lambda: gateway.number("unsay_reload_failed") == 1)
        assert forgets(gateway, "Bella Stone")
        assert "tests.must_withhold[0]: expected withheld, found answered" in gateway.log
        assert "Bella" not in gateway.log
        gateway.policy(ENTRY, STONE, **bella)
        until(lambda: gateway.number("unsay_reload_failed") == 0)


def test_a_gateway_does_not_start_with_a_policy_that_fails_its_own_tests(
    canned: Canned, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text(policy_text(ENTRY, tests={"must_answer": ["Who is Alden Crane?"]}))
    with pytest.raises(AssertionError, match="it ended"), served(canned.base_url, tmp_path, test_policy=True):
        raise RuntimeError("it started")
    assert "tests.must_answer[0]: expected answered, found withheld" in (tmp_path / "log").read_text()
