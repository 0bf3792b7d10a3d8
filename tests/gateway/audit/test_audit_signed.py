"""The log is signed once a second by its writer; who has the public key finds what was written anew."""

import asyncio
import random
import time
from pathlib import Path

import orjson
import pytest

from gateway.audit.file import AuditFile
from gateway.audit.log import AuditLog
from gateway.audit.signer import Signer
from gateway.audit.verify import verify
from policy.signing_key import SigningKey
from tests.corruption import corrupted

KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(32))


def _write(path: Path, count: int = 3, key: SigningKey | None = KEY) -> None:
    log = AuditLog(path, key=key)

    async def write() -> None:
        for number in range(count):
            await log.record({"event": "request", "number": number})

    asyncio.run(write())
    log.close()


def _events(path: Path) -> list[str]:
    return [orjson.loads(line)["event"] for line in path.read_bytes().splitlines()]


def test_the_last_line_of_a_log_that_was_closed_is_signed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    _write(path)
    assert _events(path)[-1] == "signed"
    found = verify(path, keys=[KEY.public])
    assert (found.ok, found.unsigned) == (True, 0), str(found)
    assert found.signatures >= 1


def test_a_signature_comes_by_itself_and_not_without_need(tmp_path: Path) -> None:
    """Waited for: the writer signs what it wrote, while the log is open."""
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, key=KEY)
    log.note({"event": "request"})
    while not path.read_bytes().count(b'"event":"signed"'):
        time.sleep(0.01)
    log.close()
    assert _events(path) == ["request", "signed"]


def test_it_signs_at_most_once_a_second_and_only_what_is_new() -> None:
    signer = Signer(KEY)
    assert not signer.due(0.0, ended=True)
    signer.owes = True
    assert signer.due(0.0, ended=False)
    signer.signed(0.0)
    assert not signer.due(9.0, ended=True)
    signer.owes = True
    assert not signer.due(0.9, ended=False)
    assert signer.wait_s(0.25, 10.0) == 0.75
    assert signer.due(0.9, ended=True)
    assert signer.due(1.0, ended=False)


def test_a_log_without_a_signature_of_the_key_is_refused(tmp_path: Path) -> None:
    for name, key in (("none", None), ("other", OTHER)):
        path = tmp_path / name
        _write(path, key=key)
        assert verify(path).ok
        assert f"signature of {KEY.public.id}" in str(verify(path, keys=[KEY.public]).problem)


def test_a_log_that_was_written_anew_has_no_signature(tmp_path: Path) -> None:
    """Whoever can write can make a chain that holds; no line after the change is signed then."""
    path, forged = tmp_path / "audit.jsonl", tmp_path / "forged.jsonl"
    _write(path)
    records = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    file = AuditFile(forged)
    for record in records:
        said = {name: value for name, value in record.items() if name not in ("sequence", "previous")}
        file.append([orjson.dumps(said | ({"number": 9} if record.get("number") == 1 else {}))])
    file.close()
    assert verify(forged).ok
    found = verify(forged, keys=[KEY.public])
    assert not found.ok
    assert "found none that holds" in str(found)


def test_a_log_that_was_cut_short_shows_by_a_head_from_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    _write(path)
    head = verify(path).head
    assert verify(path, keys=[KEY.public], heads=[head]).ok
    first, *_ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first)
    assert verify(path).ok
    assert "expected a line with the digest" in str(verify(path, heads=[head]))


def _damaged(folder: Path, cases: int, key: SigningKey | None) -> list[str]:
    """How those were damaged that were not refused by name."""
    whole, file, rng, passed = folder / "audit.jsonl", folder / "damaged.jsonl", random.Random(9), []
    _write(whole, 12, key)
    data, head = whole.read_bytes(), verify(whole).head
    keys = () if key is None else (key.public,)
    for _ in range(cases):
        way, changed = corrupted(data, rng)
        file.write_bytes(changed)
        found = verify(file, keys=keys, heads=[head])
        if found.ok or found.problem is None or str(file) not in found.problem:
            passed.append(f"{way}: {found}")
    return passed


@pytest.mark.parametrize("key", [None, KEY], ids=["chained", "signed"])
def test_damaged_logs_are_refused(tmp_path: Path, key: SigningKey | None) -> None:
    assert _damaged(tmp_path, 300, key) == []


@pytest.mark.long
@pytest.mark.parametrize("key", [None, KEY], ids=["chained", "signed"])
def test_thousands_of_damaged_logs_are_refused(tmp_path: Path, key: SigningKey | None) -> None:
    assert _damaged(tmp_path, 1000, key) == []


def test_a_signature_is_the_keys_and_of_this_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    _write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    signature = lines[-1][-92:]
    file = AuditFile(tmp_path / "other.jsonl")
    file.append([b'{"event":"signed","at":0,"signature":"' + signature[:88] + b'"}'])
    file.close()
    assert not verify(tmp_path / "other.jsonl", keys=[KEY.public]).ok
