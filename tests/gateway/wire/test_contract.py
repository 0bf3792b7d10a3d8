"""A contract that would let text through unread does not load, and its page says what it says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from gateway.wire.contract import Contract, load_contract, wires
from gateway.wire.page import page

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("wire", wires())
def test_the_page_is_made_from_the_contract(wire: str) -> None:
    written = (ROOT / f"docs/contracts/{wire}.md").read_text()
    assert written == page(load_contract(wire)), "python -m gateway.wire.page docs/contracts"


def test_every_page_is_of_a_contract() -> None:
    assert {path.stem for path in (ROOT / "docs/contracts").iterdir()} == set(wires())


def chat() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "gateway/wire/chat/contract.yaml").read_text())
    return data


@pytest.mark.parametrize(
    "rule",
    [
        {"is": "passed"},
        {"is": "passed", "kind": "string"},
        {"is": "passed", "kind": "json"},
        {"is": "passed", "kind": "word"},
        {"is": "passed", "kind": "role"},
        {"is": "passed", "kind": "media"},
        {"is": "passed", "kind": "text_or_parts", "shape": "part"},
        {"is": "passed", "kind": "object"},
        {"is": "passed", "kind": "integer", "shape": "part"},
        {"is": "passed", "kind": "boolean", "sends": True},
        {"is": "scanned"},
        {"is": "scanned", "kind": "object", "shape": "nowhere"},
        {"is": "forwarded"},
        {"is": "passed", "kind": "integer", "colour": "red"},
    ],
)
def test_a_contract_that_passes_text_unscanned_does_not_load(rule: dict[str, object]) -> None:
    data = chat()
    Contract.model_validate(data)
    data["shapes"]["request"]["seed"] = {"why": "a test", **rule}
    with pytest.raises(ValidationError):
        Contract.model_validate(data)


@pytest.mark.parametrize(
    "variants",
    [
        {"part": {"by": "type", "of": {"text": "text", "image_url": "image"}}},
        {"part": {"by": "type", "of": {"text": "text"}, "otherwise": "image"}},
        {"part": {"by": "type", "of": {"text": "nowhere"}}},
        {"part": {"by": "type", "of": {"text": "text"}}, "text": {"by": "type", "of": {}}},
    ],
    ids=["media told as text", "media told by nothing", "a shape that is nowhere", "one name twice"],
)
def test_variants_that_let_media_through_unasked_do_not_load(variants: dict[str, Any]) -> None:
    data = chat()
    data["variants"] |= variants
    with pytest.raises(ValidationError):
        Contract.model_validate(data)


def test_what_tells_variants_apart_is_a_field_of_each() -> None:
    shapes = load_contract("chat").shapes
    assert shapes["text"]["type"].values == ("text", "input_text", "output_text")
    assert next(iter(shapes["text"])) == "type"
    assert shapes["refusal"]["type"].values == ("refusal",)


def test_one_contract_can_be_like_another() -> None:
    messages, counted = load_contract("messages"), load_contract("count_tokens")
    assert counted.shapes["message"] == messages.shapes["message"]
    assert counted.variants == messages.variants
    assert "stream" in messages.shapes["request"]
    assert "stream" not in counted.shapes["request"]
