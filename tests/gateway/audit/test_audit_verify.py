"""Whatever is changed in a log shows, with its place; what a crash or a move leaves is no change."""

import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.lock import locked
from gateway.audit.verify import verify
from index.chain import FIRST, LINE_BYTES, Head
from tests.gateway.audit.audit_writing import Open, records, write, written

Change = Callable[[list[bytes]], list[bytes]]


def test_every_line_follows_from_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2)
    written(path, 3)
    lines = records(path)
    assert [line["sequence"] for line in lines] == [0, 1, 2]
    assert lines[0]["previous"] == FIRST
    checked = verify(path)
    assert checked.ok
    assert checked.lines == 3
    assert checked.head in str(checked)


TAMPERED: dict[str, Change] = {
    "a changed line": lambda lines: [lines[0], lines[1].replace(b'"number":2', b'"number":9'), lines[2]],
    "a line taken out": lambda lines: [lines[0], lines[2]],
    "a line put in": lambda lines: [lines[0], lines[0], *lines[1:]],
    "lines changed about": lambda lines: [lines[0], lines[2], lines[1]],
    "a first line taken out": lambda lines: lines[1:],
    "a line that is no JSON": lambda lines: [lines[0], b"nonsense\n", *lines[1:]],
    "a line that is no record": lambda lines: [lines[0], b"[]\n", *lines[1:]],
    "a line that never ends": lambda lines: [lines[0], b"x" * (LINE_BYTES + 1), *lines[1:]],
    "an empty line": lambda lines: [lines[0], b"\n", *lines[1:]],
    "a first line that says it goes on": lambda lines: [
        b'{"sequence":7,"previous":"x","event":"rotated"}\n',
        *lines,
    ],
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampering_shows(change: Change, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2, 3)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    checked = verify(path)
    assert not checked.ok
    assert f"{path}: line " in str(checked)


def test_a_problem_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    told = str(verify(path))
    assert (
        f"line 2 at byte {len(lines[0])}: expected sequence 1, found 2; lines were taken out or put in"
        in told
    )
    assert "(before it: 1 lines follow from one another" in told


def test_an_old_head_shows_that_the_log_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2, 3)
    head = verify(path).head
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert verify(path).ok, "the chain alone cannot show it"
    assert verify(path).head != head


def test_a_torn_end_is_said_and_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1, 2)
    with path.open("ab") as file:
        file.write(b'{"sequence":2,"pre')
    checked = verify(path)
    assert (checked.ok, checked.lines, checked.torn_bytes) == (True, 2, 18)
    assert "18 bytes at the end are a line that a crash left unfinished" in str(checked)


def test_a_log_that_is_being_written_is_whole_at_any_moment(tmp_path: Path, opened: Open) -> None:
    log = opened(tmp_path / "audit.jsonl")
    for number in range(50):
        for part in range(20):
            log.note({"event": "request", "number": number, "part": part, "filler": "x" * 5000})
        checked = verify(tmp_path / "audit.jsonl")
        assert (checked.ok, checked.torn_bytes) == (True, 0)
    log.close()
    assert verify(tmp_path / "audit.jsonl").lines == 1000


def test_a_line_that_is_just_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1)
    (line, _) = Head(1, verify(path).head).link(b'{"event":"request"}')
    with path.open("ab", buffering=0) as file, ThreadPoolExecutor() as pool:
        with locked(file.fileno()):
            file.write(line[:10])
            checking = pool.submit(verify, path)
            time.sleep(0.1)
            file.write(line[10:])
        assert (checking.result().lines, checking.result().torn_bytes) == (2, 0)


def test_files_of_one_chain_are_followed_from_the_older_to_the_newer(tmp_path: Path, opened: Open) -> None:
    old, new = tmp_path / "audit.jsonl.1", tmp_path / "audit.jsonl"
    log = opened(new)
    write(log, 1, 2)
    new.rename(old)
    write(log, 3)
    log.close()
    both = verify(old, new)
    assert both.ok
    assert both.lines == 4, "three requests, and the line that says that the log was moved"
    alone = verify(new)
    assert (alone.ok, alone.first, alone.head) == (True, 2, both.head)
    assert "they go on from line 2 of an older file" in str(alone)
    assert not verify(new, old).ok


def test_a_file_that_does_not_follow_is_told(tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    written(old, 1)
    written(new, 1)
    assert "new.jsonl: line 1 at byte 0: begins a chain of its own" in str(verify(old, new))


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").touch()
    assert verify(tmp_path / "audit.jsonl").ok


def test_a_large_log_needs_no_memory_and_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.verify._REPORT_LINES", 5_000)
    path, head = tmp_path / "audit.jsonl", Head()
    with path.open("wb") as file:
        for _ in range(8_000):
            line, head = head.link(b'{"event":"request","filler":"%s"}' % (b"x" * 500))
            file.write(line)
    told: list[tuple[int, int]] = []
    tracemalloc.start()
    checked = verify(path, progress=lambda done, total: told.append((done, total)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert checked.lines == 8_000
    assert peak < 1_000_000 < path.stat().st_size / 4
    size = path.stat().st_size
    assert [total for _, total in told] == [size, size]
    assert told[0][0] < size
    assert told[-1][0] == size
