"""A signed paper opens for who trusts its key, and for nobody once a byte of it differs."""

import json

import pytest

from policy.signed import SignedError, opened, signed
from policy.signing_key import SigningKey
from policy.yaml_tree import Json

KEY = SigningKey(bytes(range(32)))
STATEMENT: dict[str, Json] = {"what": "naïve", "figures": [1, 2.5, None], "at": "2026-11-01T00:00:00Z"}
PAPER = signed("receipt", STATEMENT, KEY)


def test_a_paper_opens_with_the_key_that_signed_it() -> None:
    assert opened("receipt", PAPER, [SigningKey.new().public, KEY.public]) == STATEMENT


def test_a_paper_of_one_kind_is_not_taken_for_another() -> None:
    with pytest.raises(SignedError, match="expected a policy signature, found another paper"):
        opened("policy signature", PAPER, [KEY.public])


def test_the_signature_of_a_stranger_does_not_count() -> None:
    with pytest.raises(SignedError, match="expected the signature of a trusted key, found that of"):
        opened("receipt", PAPER, [SigningKey.new().public])


def test_a_trusted_name_under_the_signature_of_another_does_not_count() -> None:
    forged = signed("receipt", STATEMENT, SigningKey.new())
    said = json.loads(forged) | {"key": str(KEY.public)}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, indent=2) + "\n"
    with pytest.raises(SignedError, match="found something changed since"):
        opened("receipt", text.encode(), [KEY.public])


def test_no_byte_of_it_can_change() -> None:
    refused = 0
    for place in range(len(PAPER)):
        changed = bytearray(PAPER)
        changed[place] ^= 1
        with pytest.raises(SignedError):
            opened("receipt", bytes(changed), [KEY.public])
        refused += 1
    assert refused == len(PAPER)


@pytest.mark.parametrize("paper", [b"", b"[]", b"null", PAPER + b" ", PAPER[:-1], b"[" * 100_000, b"\xff"])
def test_what_is_no_paper_is_refused(paper: bytes) -> None:
    with pytest.raises(SignedError, match="expected a signed paper as it was written"):
        opened("receipt", paper, [KEY.public])
