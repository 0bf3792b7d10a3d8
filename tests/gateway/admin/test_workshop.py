"""Requests are compiled for the policy as it stands in its file, or for the last one that could be used."""

from pathlib import Path

import pytest

from gateway.admin.workshop import Workshop
from index.encoder import MiniLM
from policy.problem import PolicyError
from policy.signature import Trust
from policy.signing_key import SigningKey
from tests.gateway.admin.office import POLICY
from tests.gateway.running import KEY


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    (tmp_path / "policy.yaml").write_text(POLICY)
    return Workshop(tmp_path / "policy.yaml", tmp_path / "snapshot", KEY, MiniLM())


def test_a_policy_is_read_once_and_again_when_it_changes(workshop: Workshop) -> None:
    first = workshop.compiler()
    assert workshop.compiler() is first
    workshop.file.write_text(POLICY.replace("Bella Stone", "Carl Reed of Tolvik"))
    assert workshop.compiler().policy.entries[0].names == ("Carl Reed of Tolvik",)


def test_a_file_that_it_names_counts_too(workshop: Workshop) -> None:
    workshop.file.with_name("near.txt").write_text("Bella Stone is somebody.")
    workshop.file.write_text(POLICY.replace('["Bella Stone"]', '["Bella Stone"], retain: [{file: near.txt}]'))
    first = workshop.compiler()
    workshop.file.with_name("near.txt").write_text("Bella Stone is somebody else.")
    assert workshop.compiler().policy.digest != first.policy.digest


def test_a_policy_that_cannot_be_used_leaves_the_last_one(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    first = workshop.compiler()
    workshop.file.write_text("version: 2\n")
    assert workshop.compiler() is first
    assert "not taken, and the last good policy is compiled for" in caplog.text
    assert "Bella" not in caplog.text


def test_without_any_good_policy_nothing_is_compiled(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file"):
        Workshop(tmp_path / "policy.yaml", tmp_path, KEY, MiniLM()).compiler()


def test_a_policy_without_the_signature_that_is_wanted_is_not_compiled_for(workshop: Workshop) -> None:
    workshop.trust = Trust((SigningKey.new().public,), required=True)
    with pytest.raises(PolicyError, match="expected a signature of the policy"):
        workshop.compiler()
