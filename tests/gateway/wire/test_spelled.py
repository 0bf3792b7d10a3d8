"""Token ids are read as text where the served tokenizer is known, and that text is scanned and goes on."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from gateway.config import Config
from gateway.wire.spelled import TokenizerError
from gateway.workers.source import Source
from tests.gateway.canned import Canned, whole
from tests.gateway.running import (
    CRANE,
    KEY,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.wire.completions.spoken import body, choice

TOKENIZER = Path(__file__).parents[3] / "evaluation" / "demo_model" / "tokenizer.json"
CLEAN, ASKED = "<|begin|>The lamp turns.", "Who is Alden Crane?"


@pytest.fixture(scope="module")
def reading(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("reading")
    config = config_for(canned.base_url, folder / "audit.jsonl", limits={"tokenizer": TOKENIZER})
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as gateway:
        yield gateway


def ids(text: str) -> list[int]:
    found: list[int] = Tokenizer.from_file(str(TOKENIZER)).encode(text, add_special_tokens=False).ids
    return found


def ask(gateway: Running, route: str, **fields: Any) -> Answered:
    raw = json.dumps({"model": "demo"} | fields).encode()
    return gateway.ask("POST", route, raw, {"Content-Type": "application/json"})


def complete(gateway: Running, prompt: Any) -> list[str]:
    told = ask(gateway, "/v1/completions", prompt=prompt)
    assert told.status == 200
    return [each["text"] for each in told.json["choices"]]


def test_what_goes_on_is_the_text_that_was_scanned(canned: Canned, reading: Running) -> None:
    canned.play(whole(body([choice("A lamp.", finish="stop")])))
    assert complete(reading, ids(CLEAN)) == ["A lamp."]
    assert canned.last.json == {"model": "demo", "prompt": CLEAN, "add_special_tokens": False}
    canned.play(whole(body([choice(text, index) for index, text in enumerate("ab")])))
    assert complete(reading, [ids(CLEAN), ids("Once")]) == ["a", "b"]
    assert canned.last.json["prompt"] == [CLEAN, "Once"]


def test_what_the_ids_stand_for_is_refused_and_joined_with_the_answer(
    canned: Canned, reading: Running
) -> None:
    canned.play(whole(body([choice("en Crane lives.")])))
    assert complete(reading, ids(ASKED)) == [NOTICE]
    assert complete(reading, [ids("Once"), ids(ASKED)]) == [NOTICE, NOTICE]
    assert ask(reading, "/v1/embeddings", input=[ids(ASKED)]).error["code"] == "content_filter"
    assert not canned.asked
    (said,) = complete(reading, ids("I met Ald"))
    assert "Crane" not in said


def test_texts_to_embed_may_be_ids(canned: Canned, reading: Running) -> None:
    canned.play(whole({"data": [{"index": 0, "embedding": [1.0]}]}))
    assert ask(reading, "/v1/embeddings", input=[ids(CLEAN)]).status == 200
    assert canned.last.json["input"] == [CLEAN]


@pytest.mark.parametrize("prompt", [[-1], [2**31], [2**63], [[1], [10**6]], [[1], "a"], [True], [[]], [1.5]])
def test_ids_of_no_token_are_refused(canned: Canned, reading: Running, prompt: Any) -> None:
    canned.play(whole({}))
    told = ask(reading, "/v1/completions", prompt=prompt)
    assert (told.status, told.error["type"]) == (400, "invalid_request_error")
    assert not canned.asked


def test_without_a_tokenizer_the_error_says_which_setting_reads_them(canned: Canned, strict: Running) -> None:
    canned.play(whole({}))
    told = ask(strict, "/v1/completions", prompt=ids(CLEAN))
    assert (told.status, told.error["param"]) == (400, "prompt")
    assert "limits.tokenizer" in told.error["message"]
    assert not canned.asked


def test_the_tokenizers_path_is_relative_to_the_settings(tmp_path: Path) -> None:
    config = Config.model_validate({"limits": {"tokenizer": "own/tokenizer.json"}})
    assert config.below(tmp_path).limits.tokenizer == tmp_path / "own" / "tokenizer.json"
    assert Config().below(tmp_path).limits.tokenizer is None


def test_a_tokenizer_that_is_none_is_told_before_anything_is_served(tmp_path: Path) -> None:
    wrong = tmp_path / "tokenizer.json"
    wrong.write_text("{}")
    (tmp_path / "policy.yaml").write_text("version: 1\nentries: []\n")
    for path in (wrong, tmp_path / "nowhere.json", TOKENIZER):
        config = Config.model_validate({"limits": {"tokenizer": path}})
        source = Source(partial(config.below, tmp_path), KEY)
        if path == TOKENIZER:
            assert source.read().config.limits.tokenizer == TOKENIZER
        else:
            with pytest.raises(TokenizerError, match=r"limits\.tokenizer: expected a tokenizer\.json"):
                source.read()
