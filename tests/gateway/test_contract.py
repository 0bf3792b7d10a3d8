"""The contract names every field that vLLM and the official client know, and its page says what it says."""

import json
from pathlib import Path
from typing import Any

import openai.types.chat.completion_create_params as official
import pytest
import yaml
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from pydantic import ValidationError

from gateway.wire.contract import Contract, load_contract, wires
from gateway.wire.page import page

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests/golden/chat_schema.json").read_text())
CHAT = load_contract("chat")


def test_every_field_that_vllm_knows_has_its_treatment() -> None:
    assert set(SCHEMA["ChatCompletionRequest"]["properties"]) - set(CHAT.shapes["request"]) == set()


def test_every_field_of_the_official_client_has_its_treatment() -> None:
    named = set(official.CompletionCreateParamsStreaming.__annotations__)
    assert named - set(CHAT.shapes["request"]) == set()


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ("CustomChatCompletionMessageParam", "message"),
        ("ChatCompletionAssistantMessageParam", "message"),
        ("ChatCompletionToolMessageParam", "message"),
        ("ChatCompletionContentPartTextParam", "text"),
        ("ChatCompletionContentPartRefusalParam", "refusal"),
        ("CustomThinkCompletionContentParam", "thinking"),
        ("ChatCompletionMessageFunctionToolCallParam", "tool_call"),
        ("StreamOptions", "stream_options"),
        ("RepetitionDetectionParams", "repetition"),
    ],
)
def test_nested_fields_have_their_treatment_too(schema: str, shape: str) -> None:
    assert set(SCHEMA[schema]["properties"]) - set(CHAT.shapes[shape]) == set()


@pytest.mark.parametrize(
    ("named", "shape"),
    [
        (ChatCompletion, "body"),
        (ChatCompletionChunk, "body"),
        (Choice, "choice"),
        (ChatCompletionMessage, "message"),
        (ChoiceDelta, "message"),
    ],
)
def test_every_field_of_an_official_answer_has_its_treatment(named: Any, shape: str) -> None:
    assert set(named.model_fields) - set(CHAT.answer[shape]) == set()


@pytest.mark.parametrize("wire", wires())
def test_the_page_is_made_from_the_contract(wire: str) -> None:
    written = (ROOT / f"docs/contracts/{wire}.md").read_text()
    assert written == page(load_contract(wire)), "python -m gateway.wire.page docs/contracts"


def changed(rule: dict[str, object]) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "gateway/wire/chat/contract.yaml").read_text())
    data["shapes"]["request"]["seed"] = {"why": "a test", **rule}
    return data


@pytest.mark.parametrize(
    "rule",
    [
        {"is": "passed"},
        {"is": "passed", "kind": "string"},
        {"is": "passed", "kind": "json"},
        {"is": "passed", "kind": "word"},
        {"is": "scanned"},
        {"is": "scanned", "kind": "object", "shape": "nowhere"},
        {"is": "forwarded"},
        {"is": "passed", "kind": "integer", "colour": "red"},
    ],
)
def test_a_contract_that_passes_text_unscanned_does_not_load(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Contract.model_validate(changed(rule))
