"""A follower settles what lately came into force, apart from what serves, and says when it is done."""

import multiprocessing
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from gateway.audit.log import AuditLog
from gateway.config_ledger import LedgerAddress
from gateway.following import settled
from gateway.following.contact import Contact
from gateway.following.folder import Folder
from gateway.following.follower import Start, follow
from gateway.following.standing import InForce, Standing
from index.build import build
from index.levels import BELOW
from index.snapshot import Snapshot
from policy.file import load_policy
from tests.gateway.following.fleet import KEY, Fleet, Texts

PATIENCE_S = 120.0


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """To a follower of a ledger that enforces one request, and settles whatever lies above."""
    monkeypatch.setattr(settled, "MOST_ABOVE", 0)
    monkeypatch.setattr(settled, "PART_ABOVE", 0.0)
    found = Fleet(tmp_path, tmp_path / "ledger.sqlite", "", Texts())
    ledger = found.prepare()
    ledger.commit(*found.acts("first", 1))
    ledger.close()
    build(load_policy(found.policy), tmp_path / "snapshot", KEY)
    address = LedgerAddress(path=tmp_path / "ledger.sqlite")
    audit = partial(AuditLog, tmp_path / "audit.jsonl", 0.01)
    start = Start(address, tmp_path / "snapshot", KEY, Contact.new(), "replica", audit)
    forking = multiprocessing.get_context("fork")
    own, other = forking.Pipe()
    process = forking.Process(target=follow, args=(start, other), daemon=True)
    process.start()
    yield own
    process.kill()
    process.join()


def heard(line: Connection) -> Standing:
    assert line.poll(PATIENCE_S)
    said = line.recv()
    assert isinstance(said, Standing), said
    return said


def test_what_is_in_force_is_settled_and_what_comes_then_is_laid_above_it(
    line: Connection, tmp_path: Path
) -> None:
    folder = Folder.beside(tmp_path / "snapshot")
    first = heard(line)
    assert first.made.outgrown
    above = Snapshot.load(folder.enforced, KEY)
    line.send(InForce(first))
    second = heard(line)
    assert (second.sequence, second.made.outgrown) == (first.sequence, False)
    then = Snapshot.load(folder.enforced, KEY)
    assert then.entries == above.entries
    assert list(then.passage_entry) == list(above.passage_entry)
    below = Snapshot.load(folder.settled, KEY)
    assert [entry.id for entry in below.entries] == [entry.id for entry in then.entries]
    name = "passages.hashes.npy"
    assert (then.folder / BELOW / name).samefile(below.folder / name)
