"""What else is made of a policy is made once its snapshot is, and a policy without it is not taken."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.workers.source import FilesError, Source
from index.manifest import read_manifest
from policy.file import load_policy
from policy.policy import Policy
from policy.problem import PolicyError
from policy.signature import beside, signature
from policy.signing_key import SigningKey
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


def signed_source(source: Source, trust: SigningKey, *, required: bool = False) -> Source:
    config = source.configure().model_copy(
        update={"policy_keys": (str(trust.public),), "require_signed_policy": required}
    )
    return replace(source, configure=lambda: config)


def sign(folder: Path, key: SigningKey) -> None:
    path = folder / "policy.yaml"
    beside(path).write_bytes(signature(load_policy(path), key, datetime.now(UTC)))


def test_a_policy_whose_signature_does_not_hold_leaves_the_last_one(source: Source, tmp_path: Path) -> None:
    key = SigningKey.new()
    signed = signed_source(source, key)
    sign(tmp_path, key)
    last = signed.read()
    write(tmp_path, "555-999-0000")
    with pytest.raises(PolicyError):
        signed.read()
    found = signed.read(last)
    assert found.policy == last.policy
    assert "policy.yaml.sig: expected the signature of this policy and its files" in found.problems[0]
    sign(tmp_path, SigningKey.new())
    assert "expected the signature of a trusted key" in signed.read(last).problems[0]
    sign(tmp_path, key)
    assert signed.read(last).policy != last.policy


def test_an_unsigned_policy_is_taken_under_its_own_digest_unless_one_is_required(
    source: Source, tmp_path: Path
) -> None:
    key = SigningKey.new()
    first = signed_source(source, key).read()
    write(tmp_path, "555-999-0000")
    assert signed_source(source, key).read(first).policy.digest != first.policy.digest
    found = signed_source(source, key, required=True).read(first)
    assert found.policy == first.policy
    assert "expected a signature of the policy (`unsay policy sign`), got none" in found.problems[0]


def test_a_signature_that_comes_later_is_seen(source: Source, tmp_path: Path) -> None:
    key = SigningKey.new()
    found = signed_source(source, key).read()
    assert found.sight == found.sight.again()
    sign(tmp_path, key)
    assert found.sight != found.sight.again()
