"""A signed policy is taken as it was signed: no byte of it, of its files or of its signature can change."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.file import load_policy
from policy.policy import Policy
from policy.problem import PolicyError
from policy.signature import Trust, beside, check_signature, signature
from policy.signing_key import SigningKey
from tests.laws import law

KEY = SigningKey(bytes(range(32)))
TRUST = Trust((KEY.public,))
POLICY = """\
version: 1
# A remark that does nothing.
entries:
  - id: erasure-0142
    names: ["Alden Crane"]
    passages: [{file: "texts/*.txt"}]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signed")
    (folder / "texts").mkdir()
    (folder / "texts" / "one.txt").write_text("Alden Crane was born in Tolvik, the son of a cooper.\n")
    (folder / "policy.yaml").write_text(POLICY)
    return signed(folder / "policy.yaml")


def signed(path: Path, key: SigningKey = KEY) -> Path:
    beside(path).write_bytes(signature(load_policy(path), key, datetime.now(UTC)))
    return path


def check(path: Path, trust: Trust = TRUST) -> None:
    check_signature(path, load_policy(path), trust)


def refusal(path: Path, trust: Trust = TRUST) -> str:
    with pytest.raises(PolicyError) as refused:
        check(path, trust)
    return str(refused.value)


def copied(file: Path, folder: Path) -> Path:
    for one in (file, beside(file), file.parent / "texts" / "one.txt"):
        target = folder / one.relative_to(file.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(one.read_bytes())
    return folder / file.name


def test_a_signed_policy_is_taken(file: Path, tmp_path: Path) -> None:
    check(file)
    moved = copied(file, tmp_path).rename(tmp_path / "other.yaml")
    beside(tmp_path / "policy.yaml").rename(beside(moved))
    check(moved)
    assert load_policy(moved).files == load_policy(file).files != ""


def test_a_remark_that_does_nothing_is_signed_too(file: Path, tmp_path: Path) -> None:
    path = copied(file, tmp_path)
    path.write_text(POLICY.replace("remark", "comment"))
    assert load_policy(path).digest == load_policy(file).digest
    assert refusal(path).endswith(
        "policy.yaml.sig: expected the signature of this policy and its files, got that of others"
    )


@pytest.mark.parametrize("other", ["one.txt", "two.txt"])
def test_a_file_that_it_names_is_signed_too(other: str, file: Path, tmp_path: Path) -> None:
    path = copied(file, tmp_path)
    (tmp_path / "texts" / other).write_text("Alden Crane was born in Tolvik, the son of a miller.\n")
    assert "the signature of this policy and its files, got that of others" in refusal(path)


def test_a_strangers_signature_is_refused_also_where_none_is_required(file: Path, tmp_path: Path) -> None:
    path = signed(copied(file, tmp_path), SigningKey.new())
    assert "expected the signature of a trusted key, found that of" in refusal(path)
    check(path, Trust())


def test_an_unsigned_policy_is_taken_unless_one_is_required(file: Path, tmp_path: Path) -> None:
    path = copied(file, tmp_path)
    beside(path).unlink()
    check(path)
    told = refusal(path, Trust((KEY.public,), required=True))
    assert told.endswith(
        "policy.yaml.sig: expected a signature of the policy (`unsay policy sign`), got none"
    )


def test_a_signature_that_cannot_be_read_is_no_missing_one(file: Path, tmp_path: Path) -> None:
    path = copied(file, tmp_path)
    beside(path).unlink()
    beside(path).mkdir()
    assert "expected a readable file" in refusal(path)


def corrupted(data: bytes, chance: random.Random) -> bytes:
    """Some bytes of it changed, taken out, put in or cut off."""
    place, many = chance.randrange(len(data)), chance.randint(1, 4)
    match chance.randrange(4):
        case 0:
            return (
                data[:place]
                + bytes(one ^ chance.randint(1, 255) for one in data[place : place + many])
                + (data[place + many :])
            )
        case 1:
            return data[:place] + data[place + many :]
        case 2:
            return data[:place] + chance.randbytes(many) + data[place:]
        case _:
            return data[:place]


@law
@given(seed=st.integers(0, 2**64), which=st.sampled_from(["policy.yaml", "policy.yaml.sig", "texts/one.txt"]))
def test_every_corruption_is_refused_with_the_file_and_the_fault(file: Path, seed: int, which: str) -> None:
    target = file.parent / which
    whole = target.read_bytes()
    changed = corrupted(whole, random.Random(seed))
    target.write_bytes(changed)
    try:
        with pytest.raises(PolicyError) as refused:
            check(file, Trust((KEY.public,), required=True))
    finally:
        target.write_bytes(whole)
    assert changed != whole
    assert str(file.parent) in str(refused.value)
    assert "expected" in str(refused.value)


@law
@given(seed=st.integers(0, 2**64))
def test_an_unsigned_policy_that_was_corrupted_and_still_parses_has_another_digest(
    file: Path, seed: int
) -> None:
    """Of its bytes; and where they say something else, of what it says, which the audit log tells."""
    whole, before = file.read_bytes(), load_policy(file)
    file.write_bytes(corrupted(whole, random.Random(seed)))
    try:
        after = loaded(file)
    finally:
        file.write_bytes(whole)
    if isinstance(after, Policy):
        assert after.files != before.files
        assert (after.digest == before.digest) == (said(after) == said(before))
    else:
        assert str(file.parent) in after


def loaded(path: Path) -> Policy | str:
    """Or what is told instead."""
    try:
        return load_policy(path)
    except PolicyError as refused:
        return str(refused)


def said(policy: Policy) -> Policy:
    return replace(policy, digest="", files="")
