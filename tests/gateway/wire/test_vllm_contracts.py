"""The contracts name every field that the installed vLLM takes, and every one that it may say.

vLLM takes what it does not know without a word, so a field that is new to it is a side door from the day of
the update: this fails the build on that day.
"""

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.config import Config
from gateway.errors import ApiError, Json
from gateway.models import Models
from gateway.upstream.client import UpstreamClient
from gateway.wire.contract import load_contract
from tests.gateway.alike.shapes import ASKED, made_up
from tests.gateway.canned import Canned, whole
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_leaks import WINDOWS, leaked, strings
from tests.gateway.wire import telling
from tests.gateway.wire.asking import doors, scanner_of
from tests.gateway.wire.comparing import Comparison, compare_answer, compare_request, with_field
from tests.gateway.wire.planted_page import Tried, save
from tests.laws import CASES
from unsay.launch import vllm_python

pytestmark = pytest.mark.vllm

Schemas = dict[str, Any]
# All strings of all answers in the long check.
STEP = max(1, 10_000 // CASES)
NUMBERS = {"embeddings", "rerank", "score", "count_tokens"}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    """Without its environment this fails, it does not skip: a run that never met vLLM must not look green."""
    if os.environ.get("UNSAY_SKIP_VLLM") == "1":
        pytest.skip("UNSAY_SKIP_VLLM=1")
    out = tmp_path_factory.mktemp("vllm") / "schemas.json"
    script = Path(__file__).with_name("vllm_schemas.py")
    command = [str(vllm_python(os.environ)), str(script), str(out)]
    ran = subprocess.run(command, cwd=out.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: Schemas = json.loads(out.read_text())
    return found


def test_every_field_that_vllm_takes_has_its_treatment(schemas: Schemas) -> None:
    found = {
        wire: compare_request(load_contract(wire), schema) for wire, schema in schemas["requests"].items()
    }
    assert {wire: one.complaints for wire, one in found.items() if one.complaints} == {}
    assert sum(found.values(), Comparison()).fields > 400


def test_every_field_that_vllm_may_say_has_its_treatment(schemas: Schemas) -> None:
    found = [
        (wire, compare_answer(load_contract(wire), schema, start))
        for wire, start, schema in schemas["answers"]
    ]
    assert [(wire, one.complaints) for wire, one in found if one.complaints] == []
    assert sum((one for _, one in found), Comparison()).fields > 300


def test_a_new_field_of_vllm_is_missed(schemas: Schemas) -> None:
    grown = with_field(schemas["requests"]["messages"], "AnthropicContentBlock", "brand_new")
    complaints = compare_request(load_contract("messages"), grown).complaints
    assert complaints
    assert {complaint.rsplit(".", 1)[-1] for complaint in complaints} == {"brand_new"}


def test_no_string_that_vllm_takes_reaches_it_unseen(schemas: Schemas, tmp_path: Path) -> None:
    scanner = scanner_of(policy_of(CRANE), tmp_path)
    found = {
        wire: doors(load_contract(wire), schema, WINDOWS[10], scanner)
        for wire, schema in schemas["requests"].items()
    }
    assert {wire: unseen for wire, (_, unseen) in found.items() if unseen} == {}
    assert sum(len(reached) for reached, _ in found.values()) > 150


def is_streamed(start: str, schema: dict[str, Any]) -> bool:
    return start == "event" or "Stream" in schema.get("title", "")


@pytest.mark.law
def test_no_string_that_vllm_says_lets_a_text_out(schemas: Schemas, tmp_path: Path) -> None:
    forgetting, open_ = (
        protection_of(policy_of(*entries), tmp_path / str(len(entries))) for entries in ((CRANE,), ())
    )
    found = []
    for wire, start, schema in schemas["answers"]:
        if wire in telling.ASKED:
            tried, streamed = telling.every(schema, STEP), is_streamed(start, schema)
            out = frozenset(telling.doors(forgetting, wire, streamed, tried))
            read = frozenset(telling.doors(open_, wire, streamed, tried))
            found.append(Tried(wire, schema.get("title", "all events"), streamed, len(tried), out, read))
    assert [one for one in found if one.out] == []
    if STEP == 1:
        save(found)
        assert {one.wire for one in found if not one.read} == NUMBERS, "the test must be able to fail"


async def listed(canned: Canned, **names: str) -> list[Json]:
    config = Config.model_validate({"upstream": {"base_url": canned.base_url}, "models": names})
    async with UpstreamClient(config.upstream, config.limits) as client:
        try:
            return await Models(config, client, 0).listed(None)
        except ApiError as error:
            return [error.body()]


def test_of_vllms_list_of_models_nothing_but_names_is_told(
    schemas: Schemas, canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where the operator has given names, not these either."""
    (schema,) = (schema for wire, _, schema in schemas["answers"] if wire == "models")
    out: dict[bool, set[str]] = {True: set(), False: set()}
    for where, value in telling.every(schema, 1):
        monkeypatch.setattr(canned, "models", whole(value))
        for given in out:
            if leaked(strings(asyncio.run(listed(canned, **({"demo": "demo"} if given else {}))))):
                out[given].add(where)
    assert out == {True: set(), False: {".data.0.id"}}


def test_the_made_up_answers_of_other_tests_have_the_shapes_of_vllms(schemas: Schemas) -> None:
    """Of events of responses vLLM's own model names but a few: recordings show what it sends."""
    wrong, tried = list[str](), 0
    for wire, start, schema in schemas["answers"]:
        check, known = Draft202012Validator(schema), wire in ASKED and (wire, start) != ("responses", "event")
        for value in made_up(wire, is_streamed(start, schema)) if known else ():
            tried += 1
            wrong += [
                f"{wire}: {error.json_path}: {error.message[:200]}" for error in check.iter_errors(value)
            ]
    assert wrong[:5] == []
    assert tried > 400
