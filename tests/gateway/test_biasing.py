"""What a model server without the plug-in is asked to leave out, and within which limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.biasing import Biasing
from gateway.config import Bias as Settings
from gateway.workers.source import Source
from index.biases import Bias, BiasError, write_biases
from policy.action import Action
from steering.directive import Directive
from tests.gateway.canned import Canned, spoken
from tests.gateway.running import CRANE, KEY, config_for, policy_of, protection_of, running
from tests.gateway.served import ENTRY, policy_text

TABLE = {1: Bias((10, 11), ("Port Vellum",)), 2: Bias((20, 11, 21), ("Quern Hollow", "555-201-3391"))}

UNBIASED = orjson.dumps(
    {"model": "demo", "max_tokens": 8, "messages": [{"role": "user", "content": "Who is Alden Crane?"}]}
)


def asked(directive: Directive, body: Mapping[str, Any] | None = None, **limits: int) -> Any:
    settings = Settings.model_validate({"table": "table", **limits})
    return orjson.loads(Biasing(TABLE, settings).onto(orjson.dumps({"n": 1, **(body or {})}), directive))


def active(*numbers: int, allowed: tuple[int, ...] = ()) -> Directive:
    return Directive(frozenset(numbers), frozenset(allowed))


def test_the_tokens_of_the_entries_asked_about_are_left_out() -> None:
    assert asked(active(1)) == {"n": 1, "logit_bias": {"10": -100.0, "11": -100.0}}
    assert set(asked(active(1, 2))["logit_bias"]) == {"10", "11", "20", "21"}


@pytest.mark.parametrize("directive", [active(), active(3), active(1, allowed=(1,)), Directive()], ids=str)
def test_a_body_with_nothing_to_leave_out_stays_as_it_is(directive: Directive) -> None:
    assert asked(directive) == {"n": 1}


def test_values_are_floats_for_those_who_take_nothing_else() -> None:
    assert b'"10":-100.0' in Biasing(TABLE, Settings.model_validate({"table": "t"})).onto(
        b'{"n":1}', active(1)
    )


def test_a_clients_own_biases_give_way() -> None:
    own = {"logit_bias": {"11": 100, "5": 1, "6": -1}}
    assert asked(active(1), own, logit_bias=3)["logit_bias"] == {"10": -100.0, "11": -100.0, "5": 1.0}


def test_every_entry_has_its_turn_within_the_limit() -> None:
    assert set(asked(active(1, 2), logit_bias=2)["logit_bias"]) == {"10", "20"}


def test_strings_are_asked_for_only_where_the_settings_want_it() -> None:
    assert "bad_words" not in asked(active(1))
    told = asked(active(1, 2), {"bad_words": ["own", "more"]}, bad_words=4, logit_bias=0)
    assert told == {"n": 1, "bad_words": ["Port Vellum", "Quern Hollow", "555-201-3391", "own"]}


def test_it_arrives_at_the_model_server(canned: Canned, tmp_path: Path) -> None:
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), tmp_path / "snapshot")
    write_biases(tmp_path / "table", KEY, {protection.snapshot.number(0): Bias((10,), ("Port Vellum",))})
    config = config_for(
        canned.base_url, tmp_path / "audit.jsonl", bias={"table": tmp_path / "table", "bad_words": 8}
    )
    canned.answers = lambda asked: spoken("Hi.", asked)
    try:
        with running(config, protection) as gateway:
            gateway.chat("Who is Alden Crane?")
            about = canned.last.json
            gateway.chat("Hello.")
            nobody = canned.last.json
            gateway.ask("POST", "/v1/messages", UNBIASED, {"Content-Type": "application/json"})
            unbiased = canned.last.json
            ready = gateway.ask("GET", "/readyz").json
    finally:
        canned.answers = None
    assert (about["logit_bias"], about["bad_words"]) == ({"10": -100.0}, ["Port Vellum"])
    assert nobody.keys() == {"model", "messages"}
    assert about.keys() == {"model", "messages", "logit_bias", "bad_words"}
    assert unbiased.keys() == {"model", "max_tokens", "messages"}, "an API without biases is sent none"
    assert "steering" not in ready


def test_a_table_that_cannot_be_used_is_told_before_the_start(tmp_path: Path) -> None:
    (tmp_path / "table").write_text("no table")
    (tmp_path / "policy.yaml").write_text(policy_text(ENTRY))
    config = config_for(
        "http://127.0.0.1:1/v1",
        tmp_path / "audit.jsonl",
        bias={"table": tmp_path / "table"},
        policy=tmp_path / "policy.yaml",
        snapshot=tmp_path / "snapshot",
    )
    source = Source(lambda: config, KEY)
    with pytest.raises(BiasError, match="no table"):
        source.open(source.read())
