"""What else is made of a policy is made once its snapshot is, and a policy without it is not taken."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.workers.source import FilesError, Source
from index.manifest import read_manifest
from policy.policy import Policy
from tests.gateway.running import KEY

POLICY = """\
version: 1
entries: [{id: one, names: ["Alden Crane"], secrets: ["SECRET"]}]
detectors: {semantic: null}
"""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    write(tmp_path, "555-201-3391")
    config = Config().below(tmp_path)
    return Source(lambda: config, KEY)


def write(folder: Path, secret: str) -> None:
    (folder / "policy.yaml").write_text(POLICY.replace("SECRET", secret))


def test_what_else_is_made_has_the_texts_and_the_generation(source: Source) -> None:
    made = []

    def also(policy: Policy, snapshot: Path) -> None:
        made.append((policy.entries[0].secrets[0], read_manifest(snapshot).generation))

    found = replace(source, also=also).read()
    assert made == [("555-201-3391", 1)]
    assert not found.problems


def test_where_it_cannot_be_made_the_last_policy_stays_and_it_is_told(source: Source, tmp_path: Path) -> None:
    def also(policy: Policy, snapshot: Path) -> None:
        raise FilesError("steering: the artefact cannot be written")

    last = source.read()
    write(tmp_path, "555-999-0000")
    failing = replace(source, also=also)
    with pytest.raises(FilesError):
        failing.read()
    found = failing.read(last)
    assert found.policy == last.policy
    assert found.problems == ("steering: the artefact cannot be written",)
