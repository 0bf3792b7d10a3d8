"""A large text is read and scanned by another process, with the same result."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
import psutil
import pytest

from gateway.config import Limits
from gateway.errors import ApiError, bad_request
from gateway.large import LARGE, LARGE_BODY, ODD, LargeTexts, is_large
from gateway.large_work import LISTED, Job, Read, ScanIt, Start, Worker
from gateway.prompt import Body, Scan, Scanned
from gateway.protection import Protection
from index.build import build
from policy.action import Action
from tests.gateway.canned import DONE, Canned, Script, said, stream, whole
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    KEY,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.served import alive, until

T = TypeVar("T")
PROSE = "The lamp turns slowly, and every tower has a rhythm of its own. "
CODE = "x_1 = foo(bar[3], 'Qx7')  # 0x41 %41 "
LONG = PROSE * (2 * LARGE // len(PROSE))


def body_of(content: Any, **fields: Any) -> Body:
    asked = {"model": "demo", "messages": [{"role": "user", "content": content}], **fields}
    return Body(orjson.dumps(asked), Limits(), strip_unknown=False)


def test_a_text_that_may_be_a_code_is_large_sooner() -> None:
    fits = (LARGE // 2 // len(PROSE)) * PROSE.encode()
    assert not is_large(fits)
    assert is_large(3 * fits)
    code = (LARGE // 2 // len(CODE)) * CODE.encode()
    assert is_large(code)
    assert not is_large(code[:ODD])
    assert not is_large(("灯塔慢慢地转" * 1000).encode())


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Protection]:
    one = protection_of(policy_of(CRANE, prompt=Action.REDACT), tmp_path_factory.mktemp("large") / "snapshot")
    yield one
    one.close()


def start_of(protection: Protection) -> Start:
    return Start(protection.policy, *protection.snapshot.place, protection.snapshot.generation, None)


BODIES = {
    "clean": LONG,
    "a passage": f"{LONG} {BIOGRAPHY} {LONG}",
    "in parts": [{"type": "text", "text": text} for text in (LONG, BIOGRAPHY, "Alden Crane?")],
    "names": "Alden Crane. " * 5000,
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("near_is_hit", [False, True])
def test_the_other_process_finds_what_this_one_would(
    what: str, near_is_hit: bool, protection: Protection
) -> None:
    body, scan = body_of(BODIES[what]), replace(protection.scan("demo"), near_is_hit=near_is_hit)
    here = protection.reader.read(body)
    found = here.scan(scan)

    worker = Worker(start_of(protection).reader())
    read = pickle.loads(pickle.dumps(worker.done(Read(body))))
    there = pickle.loads(pickle.dumps(worker.done(ScanIt(body, scan))))
    assert read == here.request.without_texts()
    assert (there.body, there.near) == (found.body, found.near)
    assert there.report.findings == found.report.findings[:LISTED]
    assert there.unlisted == len(found.report.findings) - len(there.report.findings)
    for name in ("action", "active", "knowing", "tail", "question", "evidence", "near", "left_out"):
        assert getattr(there.report, name) == getattr(found.report, name), name
    words = [*PROSE.split(), "elsewhere", "Alden"]
    hashes = [protection.snapshot.word_hash(word.lower().strip(".,")) for word in words]
    assert [*map(there.report.supplied.has_word, hashes)] == [*map(found.report.supplied.has_word, hashes)]
    assert there.report.supplied.seen == found.report.supplied.seen
    for one in there.report.findings:
        assert there.report.segments[one.segment] == found.report.segments[one.segment]


def test_a_text_that_was_rewritten_is_read_anew(protection: Protection) -> None:
    """What one request was changed to is not what the next one said."""
    worker = Worker(start_of(protection).reader())
    job = ScanIt(body_of(BODIES["a passage"]), protection.scan("demo"))
    first, second = worker.done(job), worker.done(job)
    assert isinstance(first, Scanned)
    assert isinstance(second, Scanned)
    assert first.body == second.body
    assert first.report.findings == second.report.findings


def test_its_errors_are_those_of_this_process(protection: Protection) -> None:
    worker = Worker(start_of(protection).reader())
    body = body_of(LONG, unknown=1)
    told = pickle.loads(pickle.dumps(worker.done(Read(body))))
    with pytest.raises(ApiError) as known:
        protection.reader.read(body)
    assert isinstance(told, ApiError)
    assert told.body() == known.value.body()
    assert pickle.loads(pickle.dumps(bad_request("a", code="b"))).body() == bad_request("a", code="b").body()


def run(work: Callable[[LargeTexts], Coroutine[Any, Any, T]], start: Start, timeout_s: float = 600) -> T:
    texts = LargeTexts(start, timeout_s)
    try:
        return asyncio.run(work(texts))
    finally:
        texts.close()


def helpers() -> list[int]:
    """Those that are alive, by the last word of their command."""
    return [child.pid for child in psutil.Process().children() if _is_helper(child)]


def _is_helper(child: psutil.Process) -> bool:
    try:
        return child.cmdline()[-1:] == ["large"]
    except psutil.NoSuchProcess:
        # It is ending, as another test's may be.
        return False


async def scanned(texts: LargeTexts, body: Body, scan: Scan) -> bytes | None:
    prompt = await texts.read(body)
    return (await prompt.scan(scan)).body


@dataclass(frozen=True, slots=True)
class Runs:
    """A job that runs this code in the other process as soon as it is there."""

    code: str

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return exec, (self.code,)


ENDS = cast(Job, Runs("import os; os._exit(1)"))
NEVER_DONE = cast(Job, Runs("import os\nprint(os.getpid(), flush=True)\nwhile True: pass"))


def test_a_process_that_ends_is_an_error_for_one_text_alone(protection: Protection) -> None:
    async def work(texts: LargeTexts) -> tuple[set[int], set[int]]:
        before = set(helpers())
        await texts.read(body_of(LONG))
        first = set(helpers()) - before
        with pytest.raises(ApiError) as told:
            await texts.do(ENDS)
        assert told.value.status == 500
        assert await scanned(texts, body_of(LONG), protection.scan("demo"))
        return first, set(helpers()) - before

    first, second = run(work, start_of(protection))
    assert len(first) == len(second) == 1
    assert first != second
    until(lambda: not any(map(alive, second)))


def test_a_process_that_ended_meanwhile_is_an_error_for_one_text_alone(protection: Protection) -> None:
    async def work(texts: LargeTexts) -> None:
        before = set(helpers())
        await texts.read(body_of(LONG))
        (first,) = set(helpers()) - before
        os.kill(first, signal.SIGKILL)
        until(lambda: not alive(first))
        with pytest.raises(ApiError) as told:
            await texts.read(body_of(LONG * 40))
        assert told.value.status == 500
        assert await scanned(texts, body_of(LONG), protection.scan("demo"))

    run(work, start_of(protection))


def test_a_text_that_takes_too_long_is_an_error_and_not_waited_for(protection: Protection) -> None:
    async def work(texts: LargeTexts) -> None:
        before = set(helpers())
        with pytest.raises(ApiError) as told:
            await texts.do(NEVER_DONE)
        assert told.value.status == 500
        assert not set(helpers()) - before

    run(work, start_of(protection), timeout_s=0.01)


def test_a_snapshot_that_was_built_anew_is_no_longer_the_one(tmp_path: Path) -> None:
    """Only where the first large text comes when the folder has changed and the gateway has not seen it."""
    policy = policy_of(CRANE)
    one = protection_of(policy, tmp_path / "snapshot")
    start = start_of(one)
    build(policy, tmp_path / "snapshot", KEY)

    async def work(texts: LargeTexts) -> int:
        with pytest.raises(ApiError) as told:
            await texts.read(body_of(LONG))
        return told.value.status

    assert run(work, start) == 500
    one.close()


def test_neither_key_nor_policy_stands_where_others_can_read_it(protection: Protection) -> None:
    def told(pid: int) -> bytes:
        return Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()

    async def work(texts: LargeTexts) -> bytes:
        before = set(helpers())
        await texts.read(body_of(LONG))
        (pid,) = set(helpers()) - before
        return told(pid)

    shown = run(work, start_of(protection))
    for secret in (KEY, KEY.hex().encode(), b"Alden", b"Crane"):
        assert secret not in shown


PARENT = """
import asyncio, sys
from pathlib import Path
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_large import NEVER_DONE, LargeTexts, start_of

async def main():
    protection = protection_of(policy_of(CRANE), Path(sys.argv[1]))
    await LargeTexts(start_of(protection), 600).do(NEVER_DONE)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    """Even in the middle of a text."""
    (tmp_path / "parent.py").write_text(PARENT)
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "snapshot")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    until(lambda: not alive(pid))


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("large-gateway")
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), folder / "snapshot")
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as one:
        yield one


def test_a_large_prompt_is_redacted_and_told(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    answered = gateway.chat(f"{LONG}\nAlden Crane was born in Port Vellum.\n{LONG}", stream=True)
    assert answered.text() == "Yes."
    went_on = canned.last.json["messages"][0]["content"]
    assert went_on.startswith(PROSE)
    assert "Alden" not in went_on
    assert "Vellum" not in went_on
    assert canned.last.json["model"] == "demo"
    (record,) = [one for one in gateway.records() if one["request"] == answered.headers["x-request-id"]]
    assert {one["entry"] for one in record["findings"]} == {"crane"}
    assert {one["role"] for one in record["findings"]} == {"user"}


def test_more_findings_than_a_line_holds_are_counted(gateway: Running, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    answered = gateway.chat("Alden Crane. " * 4000, stream=True)
    (record,) = [one for one in gateway.records() if one["request"] == answered.headers["x-request-id"]]
    assert len(record["findings"]) + record["more_findings"] >= 4000


@pytest.mark.parametrize("streamed", [False, True])
def test_a_large_answer_is_read_there_too(streamed: bool, gateway: Running, canned: Canned) -> None:
    text = PROSE * (LARGE_BODY // len(PROSE) + 1)
    answer = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    canned.play(stream(*said([text]), DONE) if streamed else whole(answer))
    answered = gateway.chat(stream=streamed)
    assert (answered.text() if streamed else answered.json["choices"][0]["message"]["content"]) == text


def test_a_large_answer_that_is_none_is_the_same_error(gateway: Running, canned: Canned) -> None:
    garbage = b"[" * (2 * LARGE_BODY)
    told = []
    for body in (garbage[:10], garbage):
        canned.play(Script((body,), content_type="application/json"))
        answered = gateway.chat()
        told.append((answered.status, answered.json))
    assert told[0] == told[1]
    assert told[0][0] == 502
