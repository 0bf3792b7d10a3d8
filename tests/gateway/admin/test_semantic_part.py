"""The semantic part of a request follows its exact part; where it cannot be made, the request says so."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.admin.documents import CompileDocument, ReceiptDocument, TryDocument
from index.build import build
from index.encoder import EncoderError, Rows
from index.ledger.event import State
from policy.file import load_policy
from tests.gateway.admin.office import KEYS, POLICY, Office, asking
from tests.index.hash_encoder import HashEncoder

QUESTIONS = [
    {"question": "Which harbour town did the lamplight novelist come from?", "answer": "From Tolvik."}
]
ENTRY = {"id": "erasure-0142", "questions": QUESTIONS}


class Failing(HashEncoder):
    """Like one whose machine is out of memory, until it is mended."""

    mended = False

    def encode(self, texts: Sequence[str]) -> Rows:
        if not self.mended:
            raise EncoderError("the encoder cannot be loaded")
        return super().encode(texts)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("semantic")
    (folder / "policy.yaml").write_text(POLICY.replace("semantic: null", "verbatim: {window: 8}"))
    build(load_policy(folder / "policy.yaml"), folder / "snapshot", KEYS.index, HashEncoder())
    made = Office(folder, folder / "ledger.sqlite", HashEncoder())
    with made.stack:
        yield made


def at(office: Office, folder: Path, encoder: HashEncoder) -> Office:
    """The same policy and snapshot, another ledger."""
    return Office(office.folder, folder / "ledger.sqlite", encoder, office.stack)


def test_both_parts_are_compiled_by_one_act(office: Office, tmp_path: Path) -> None:
    added = at(office, tmp_path, HashEncoder()).desk().add(asking("enforce", entry=ENTRY), "")
    assert (added.state, added.exact, added.semantic) == (State.ENFORCED, "compiled", "compiled")
    assert [one.event for one in added.history] == ["add", "attach", "enforce", "attach"]


def test_the_receipt_says_how_long_the_encoder_took(office: Office, tmp_path: Path) -> None:
    desk = at(office, tmp_path, HashEncoder()).desk()
    desk.add(asking("enforce", entry=ENTRY), "")
    noted = json.loads(desk.receipt("erasure-0142", ReceiptDocument()))["records"][-1]["body"]
    assert (noted["kind"], noted["figures"]["texts"] > 0) == ("semantic", True)
    assert 0 <= noted["figures"]["encoder_s"] <= noted["figures"]["total_s"]


def test_what_cannot_be_compiled_is_pending_and_the_rest_in_force(office: Office, tmp_path: Path) -> None:
    desk = at(office, tmp_path, Failing()).desk()
    added = desk.add(asking("enforce", entry=ENTRY), "token")
    assert (added.state, added.semantic) == (State.ENFORCED, "pending")
    assert added.remark == "the semantic part is pending: the encoder cannot be loaded"


@pytest.mark.parametrize("way", ["the same act again", "its texts once more", "the texts that were kept"])
def test_what_was_pending_is_compiled_when_it_can_be(office: Office, tmp_path: Path, way: str) -> None:
    encoder = Failing()
    desk = at(office, tmp_path, encoder).desk()
    asked = asking("enforce", entry=ENTRY, source="encrypted")
    desk.add(asked, "token")
    encoder.mended = True
    match way:
        case "the same act again":
            found = desk.add(asked, "token")
        case "its texts once more":
            found = desk.compile("erasure-0142", CompileDocument(entry=ENTRY))
        case _:
            found = desk.compile("erasure-0142", CompileDocument())
    assert (found.semantic, found.remark) == ("compiled", "")


def test_without_the_policys_snapshot_the_exact_part_is_in_force(office: Office, tmp_path: Path) -> None:
    made = at(office, tmp_path, HashEncoder())
    (tmp_path / "policy.yaml").write_bytes((office.folder / "policy.yaml").read_bytes())
    alone = Office(tmp_path, made.address, HashEncoder(), office.stack)
    added = alone.desk().add(asking("enforce", entry=ENTRY), "")
    assert (added.exact, added.semantic) == ("compiled", "pending")
    assert "there is no snapshot; build one with: unsay index build" in added.remark


def test_a_preview_looks_for_meaning(office: Office, tmp_path: Path) -> None:
    rows = (QUESTIONS[0]["question"], "How do I bake bread with rye flour at home?")
    found = at(office, tmp_path, HashEncoder()).desk().try_out(TryDocument(rows=rows, entry=ENTRY))
    assert (found.semantic, found.places) == ("compiled", (1,))
