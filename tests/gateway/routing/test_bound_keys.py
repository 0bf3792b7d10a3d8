"""An entry that names keys binds these and no others; one that names none binds everybody."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy.entry import Entry
from tests.gateway.canned import Canned, completion, whole
from tests.gateway.routing.doors import DOORS, WAYS, Door
from tests.gateway.running import NOTICE, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import policy_text, served, until

KEYS = [
    {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), "checks": True}
    for name in ("one-app", "two-app")
]
ONES = Entry("ones", names=("Alden Crane",), keys=("one-*",))
EVERYBODYS = Entry("everybodys", names=("Beryl Ostrander",))
ASKED: dict[str, dict[str, Any]] = {
    "chat": {"messages": [{"role": "user", "content": "Who is Alden Crane?"}]},
    "batch": {"messages": [[{"role": "user", "content": "Who is Alden Crane?"}]]},
    "completions": {"prompt": "Alden Crane is"},
    "responses": {"input": "Who is Alden Crane?"},
    "messages": {"messages": [{"role": "user", "content": "Who is Alden Crane?"}]},
    "count_tokens": {"messages": [{"role": "user", "content": "Who is Alden Crane?"}]},
    "embeddings": {"input": "Alden Crane"},
    "rerank": {"query": "Alden Crane", "documents": ["A lamp."]},
    "score": {"text_1": "Alden Crane", "text_2": "A lamp."},
}


@pytest.fixture(scope="module")
def shared(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("shared")
    config = config_for(canned.base_url, folder / "audit.jsonl", keys=KEYS, models={"writer": "demo"})
    with running(config, protection_of(policy_of(ONES, EVERYBODYS), folder / "snapshot")) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def _quiet(canned: Canned) -> Iterator[None]:
    canned.play(whole({}))
    yield
    canned.answers = None


@pytest.mark.parametrize(("wire", "streamed"), WAYS)
def test_a_prompt_is_refused_to_the_keys_that_are_bound_and_to_no_others(
    wire: str, streamed: bool, canned: Canned, shared: Running
) -> None:
    door = DOORS[wire]
    canned.answers = door.answers
    fields = ASKED[wire] | ({"stream": True} if streamed else {})
    bound = door.ask(shared, "one-app", **fields)
    assert canned.asked == []
    assert shared.records()[-1]["outcome"] == "refused"
    assert shared.records()[-1]["findings"][0]["entry"] == "ones"
    free = door.ask(shared, "two-app", **fields)
    assert len(canned.asked) == 1
    assert (shared.records()[-1]["outcome"], shared.records()[-1]["findings"]) == ("answered", [])
    assert free.status == 200
    assert bound.body != free.body


@pytest.mark.parametrize(("key", "said"), [("one-app", f"It is {NOTICE}"), ("two-app", "It is Alden Crane.")])
def test_an_answer_is_withheld_from_the_keys_that_are_bound(
    key: str, said: str, canned: Canned, shared: Running
) -> None:
    canned.play(whole(completion("It is Alden Crane.")))
    answered = DOORS["chat"].ask(shared, key).json["choices"][0]["message"]["content"]
    assert answered.removesuffix(".") == said.removesuffix(".")


@pytest.mark.parametrize("key", ["one-app", "two-app"])
def test_an_entry_of_nobody_in_particular_binds_every_key(key: str, shared: Running) -> None:
    message = [{"role": "user", "content": "Who is Beryl Ostrander?"}]
    answered = DOORS["chat"].ask(shared, key, messages=message)
    assert answered.json["choices"][0]["message"]["content"] == NOTICE


@pytest.mark.parametrize(("key", "status"), [("one-app", "blocked"), ("two-app", "passed")])
@pytest.mark.parametrize("model", [None, "writer"])
def test_a_check_is_as_strict_as_an_answer_to_the_same_key(
    key: str, status: str, model: str | None, shared: Running
) -> None:
    door = Door("/v1/checks", {"input": "Who is Alden Crane?"}, DOORS["chat"].answers)
    assert door.ask(shared, key, **({"model": model} if model else {})).json["status"] == status


def test_without_keys_every_entry_binds_everybody(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models={"writer": "demo"})
    with running(config, protection_of(policy_of(ONES), tmp_path / "snapshot")) as gateway:
        answered = DOORS["chat"].ask(gateway, **ASKED["chat"])
        assert answered.json["choices"][0]["message"]["content"] == NOTICE


def test_a_changed_policy_binds_other_keys_without_a_new_start(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion("A lamp.")))
    ones = {"id": "ones", "names": ["Alden Crane"], "keys": ["one-app", "three"]}

    def told(key: str) -> str:
        answered = DOORS["chat"].ask(gateway.running, key, model="demo", **ASKED["chat"])
        return str(answered.json["choices"][0]["message"]["content"])

    (tmp_path / "policy.yaml").write_text(policy_text(ones))
    with served(canned.base_url, tmp_path, workers=1, keys=KEYS) as gateway:
        assert (told("one-app"), told("two-app")) == (NOTICE, "A lamp.")
        assert "keys: 'three' in ones fits none of 'one-app', 'two-app'" in gateway.log
        before = gateway.running.records()[-1]["policy"]
        gateway.policy(ones | {"keys": ["two-*"]})
        until(lambda: told("two-app") == NOTICE)
        assert told("one-app") == "A lamp."
        assert gateway.running.records()[-1]["policy"] != before, "the line says by which policy"
