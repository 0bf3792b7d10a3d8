"""What is opened to serve with is never what only tells, nor the other way round."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.following.folder import Folder
from gateway.following.merging import Levels, merge
from gateway.following.standing import Standing
from gateway.workers.source import Found, Source
from index.snapshot import Snapshot, SnapshotError
from tests.gateway.following.test_merging import wanted, wish
from tests.gateway.running import KEY

ENTRY = {"id": "crane", "passages": ["he kept nine hives of bees behind the old customs house by the sea"]}


def merged(folder: Path) -> tuple[Source, Found, Folder]:
    """A policy, one request enforced and one monitored."""
    text = json.dumps({"version": 1, "entries": [ENTRY], "detectors": {"semantic": None}})
    (folder / "policy.yaml").write_text(text)
    source = Source(lambda: Config.model_validate({"ledger": {}}).below(folder), KEY)
    found, kept = source.read(), Folder.beside(folder / "snapshot")
    kept.make()
    kept.copy_base(folder / "snapshot")
    kept.take_base()
    levels = Levels.of(Snapshot.load(kept.base, KEY))
    made = merge(levels, wanted(wish(kept, "one"), wish(kept, "two", monitored=True)), kept, KEY, ())
    return source, replace(found, standing=Standing(7, made, levels.base.manifest.contents, True)), kept


def test_what_serves_and_what_tells_are_opened_apart(tmp_path: Path) -> None:
    source, found, _ = merged(tmp_path)
    opened = source.open(found)
    assert opened.monitored is not None
    assert [entry.id for entry in opened.snapshot.entries] == ["crane", "one"]
    assert [entry.id for entry in opened.monitored.snapshot.entries] == ["crane", "one", "two"]


@pytest.mark.parametrize("name", ["enforced", "monitored"])
def test_one_in_the_place_of_the_other_is_refused(tmp_path: Path, name: str) -> None:
    source, found, kept = merged(tmp_path)
    aside = kept.path / "aside"
    getattr(kept, name).rename(aside)
    other = kept.monitored if name == "enforced" else kept.enforced
    other.rename(getattr(kept, name))
    aside.rename(other)
    with pytest.raises(SnapshotError, match="expected a snapshot to"):
        source.open(found)


def test_a_generation_of_another_policy_is_refused(tmp_path: Path) -> None:
    source, found, _ = merged(tmp_path)
    foreign = replace(found.policy, contents="0" * 64)
    with pytest.raises(SnapshotError, match="another policy"):
        source.open(replace(found, policy=foreign))
