"""One file, one chain, any number of writers; it goes on after a crash, a move and a loss, and says so."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import lock as audit_lock
from gateway.audit.file import AuditError, AuditFile
from gateway.audit.lock import locked
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import numbers, records

TAILS = [b'{"sequence":2,"prev', b"\x00" * 5000, b"x" * 200_000]


def line(number: int) -> bytes:
    return b'{"event":"request","number":%d}' % number


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def test_writers_take_turns_in_one_chain(path: Path) -> None:
    files = [AuditFile(path) for _ in range(3)]
    for number in range(30):
        files[number % 3].append([line(number)])
    assert numbers(path) == list(range(30))
    assert verify(path).ok


@pytest.mark.parametrize("tail", TAILS)
def test_a_torn_tail_is_cut_off_and_told_at_the_start(
    tail: bytes, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    AuditFile(path).append([line(1), line(2)])
    with path.open("ab") as file:
        file.write(tail)
    AuditFile(path).append([])
    last = records(path)[-1]
    assert (last["event"], last["dropped_bytes"]) == ("repaired", len(tail))
    assert f"an unfinished line of {len(tail)} bytes at the end was cut off" in caplog.text
    assert verify(path).lines == 3


@pytest.mark.parametrize("tail", TAILS)
def test_a_tail_torn_by_another_is_cut_off_at_the_next_write(tail: bytes, path: Path) -> None:
    living, killed = AuditFile(path), AuditFile(path)
    living.append([line(1)])
    killed.append([line(2)])
    with path.open("ab") as file:
        file.write(tail)
    living.append([line(3)])
    assert [record["event"] for record in records(path)] == ["request", "request", "repaired", "request"]
    assert verify(path).ok


def test_a_log_that_is_all_torn_begins_anew(path: Path) -> None:
    path.write_bytes(b'{"sequence":0')
    AuditFile(path).append([line(1)])
    assert verify(path).lines == 2


def test_a_last_line_that_is_no_record_is_told(path: Path) -> None:
    path.write_bytes(b"something else\n")
    with pytest.raises(AuditError, match="not a record"):
        AuditFile(path)
    assert path.read_bytes() == b"something else\n"


def test_a_log_that_cannot_be_opened_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(AuditError, match="cannot be opened: Is a directory"):
        AuditFile(path)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_log_that_would_keep_nothing_is_refused(device: str, path: Path) -> None:
    path.symlink_to(device)
    with pytest.raises(AuditError, match="expected a file"):
        AuditFile(path)


def test_the_log_is_the_operators_alone(path: Path) -> None:
    AuditFile(path)
    assert path.stat().st_mode & 0o077 == 0


def test_a_log_that_was_moved_is_followed_by_all_its_writers(path: Path) -> None:
    files = [AuditFile(path) for _ in range(3)]
    for number in range(9):
        if number in (3, 6):
            path.rename(path.with_suffix(f".{number}"))
        files[number % 3].append([line(number)])
    moved = [path.with_suffix(".3"), path.with_suffix(".6"), path]
    assert [numbers(one) for one in moved] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert [records(one)[0]["event"] for one in moved] == ["request", "rotated", "rotated"]
    assert verify(*moved).ok


def test_an_empty_file_in_its_place_is_taken_over(path: Path) -> None:
    file = AuditFile(path)
    file.append([line(1)])
    path.rename(path.with_suffix(".1"))
    path.touch()
    file.append([line(2)])
    assert verify(path.with_suffix(".1"), path).lines == 3


def test_what_was_written_after_the_move_is_part_of_the_old_file(path: Path) -> None:
    """A writer that has not yet seen the move, and a writer that was killed in it."""
    old = path.with_suffix(".1")
    first, second = AuditFile(path), AuditFile(path)
    first.append([line(1)])
    second.append([line(2)])
    path.rename(old)
    with old.open("ab") as file:
        file.write(b"torn")
    first.append([line(3)])
    assert [record["event"] for record in records(old)] == ["request", "request"]
    assert [record["event"] for record in records(path)] == ["rotated", "repaired", "request"]
    assert verify(old, path).ok


def test_a_removed_log_is_begun_again_where_the_chain_stood(path: Path) -> None:
    file = AuditFile(path)
    file.append([line(1)])
    path.unlink()
    file.append([line(2)])
    assert (verify(path).ok, verify(path).first) == (True, 1)


def test_a_folder_that_is_gone_is_told_and_not_made_again(path: Path, tmp_path: Path) -> None:
    path = tmp_path / "logs" / "audit.jsonl"
    file = AuditFile(path)
    file.append([line(1)])
    (tmp_path / "logs").rename(tmp_path / "old")
    with pytest.raises(AuditError, match="No such file or directory"):
        file.append([line(2)])
    assert not path.parent.exists()
    path.parent.mkdir()
    file.append([line(3)])
    assert verify(tmp_path / "old" / "audit.jsonl", path).ok


def test_lines_taken_from_the_end_of_a_running_log_show(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = AuditFile(path)
    file.append([line(1)])
    kept = path.stat().st_size
    file.append([line(2)])
    os.truncate(path, kept)
    file.append([line(3)])
    assert "at its end were taken out" in caplog.text
    assert "line 2 at byte" in str(verify(path))
    assert "expected sequence 1, found 2" in str(verify(path))


def test_a_lock_that_is_never_let_go_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_lock, "WAIT_S", 0.05)
    file, other = AuditFile(path), os.open(path, os.O_RDONLY)
    with locked(other, shared=True), pytest.raises(TimeoutError, match=r"held its lock for 0\.05 s"):
        file.append([line(1)])
    with locked(other), pytest.raises(AuditError, match=r"audit\.jsonl: another process has held its lock"):
        AuditFile(path)
    file.append([line(2)])
    assert numbers(path) == [2]
    os.close(other)


DONE = st.one_of(
    st.tuples(st.just("append"), st.integers(0, 2)),
    st.tuples(st.just("tear"), st.integers(1, 40)),
    st.tuples(st.just("move"), st.booleans()),
    st.tuples(st.just("restart"), st.integers(0, 2)),
)


@settings(max_examples=60)
@given(steps=st.lists(DONE, max_size=25))
def test_whatever_happens_in_whatever_order_the_chain_holds(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "audit.jsonl"
    files, moved, acknowledged = [AuditFile(path) for _ in range(3)], [], []
    for number, (done, value) in enumerate(steps):
        if done == "append":
            files[value].append([line(number), line(number)])
            acknowledged += [number] * 2
        elif done == "tear":
            with path.open("ab") as file:
                file.write(b"\x00{"[: value % 3] + b"x" * value)
        elif done == "restart":
            files[value].close()
            files[value] = AuditFile(path)
        elif path.stat().st_size:
            moved.append(path.with_suffix(f".{number}"))
            path.rename(moved[-1])
            # One of them notices, as it would in time: else a restart begins a chain of its own.
            files[0].append([])
    files[1].append([line(-1)])
    assert verify(*moved, path).ok
    assert numbers(*moved, path) == [*acknowledged, -1]
    for one in files:
        one.close()
