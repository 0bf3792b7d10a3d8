"""On one host, too, only the gateway reaches the engine, and nothing is reached from elsewhere."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gateway.config_file import load_config

SCHEMA = "builtin_schemas/vendor/compose-spec.json"
COMPOSE = Path(__file__).resolve().parents[2] / "deploy" / "compose"
FILE: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]


def test_it_is_what_the_compose_specification_takes() -> None:
    schema = json.loads(files("check_jsonschema").joinpath(SCHEMA).read_text())
    told = Draft202012Validator(schema)
    assert "services" in schema["properties"]
    assert [error.message for error in told.iter_errors(FILE)] == []
    assert not told.is_valid(FILE | {"services": {"gateway": {"port": ["8080:8080"]}}})


def test_only_the_gateway_shares_a_network_with_the_engine() -> None:
    assert {name for name, one in SERVICES.items() if "engine" in one.get("networks", ())} == {
        "engine",
        "gateway",
    }
    assert SERVICES["engine"]["networks"] == ["engine"]
    assert FILE["networks"]["engine"] == {"internal": True}


def test_only_this_machine_reaches_the_gateway_and_the_admin_api() -> None:
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert ports == {"gateway": ["127.0.0.1:8080:8080"], "admin": ["127.0.0.1:8081:8081"]}


def test_no_service_may_write_where_it_runs_or_become_more() -> None:
    for one in SERVICES.values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]


def test_the_admin_api_alone_can_sign_the_ledger() -> None:
    holders = [name for name, one in SERVICES.items() if "UNSAY_LEDGER_KEY" in one.get("environment", ())]
    assert holders == ["admin"]


def test_no_secret_has_a_default() -> None:
    variables = [
        value
        for one in SERVICES.values()
        for name, value in one.get("environment", {}).items()
        if name.endswith(("_KEY", "PASSWORD"))
    ]
    assert len(variables) > 4
    assert all(value.startswith("${") and ":?" in value for value in variables)


def test_what_is_made_for_the_engine_it_may_only_read() -> None:
    assert "steering:/var/lib/unsay-steering:ro" in SERVICES["engine"]["volumes"]
    assert SERVICES["prepare"]["command"][-1] == "/var/lib/unsay-steering"


def test_the_gateway_takes_the_settings_and_they_name_the_services() -> None:
    config = load_config(COMPOSE / "unsay" / "unsay.yaml")
    assert config.upstream.base_url == "http://engine:8000/v1"
    assert config.ledger is not None
    assert config.ledger.url == "postgresql://unsay@postgres/unsay"
    assert {"engine", "postgres"} <= set(SERVICES)
    assert str(config.snapshot) == SERVICES["prepare"]["command"][2]


def test_the_admin_api_reads_the_snapshot_that_it_compiles_beside() -> None:
    config = load_config(COMPOSE / "unsay" / "unsay.yaml")
    assert "state:/var/lib/unsay:ro" in SERVICES["admin"]["volumes"]
    assert str(config.snapshot).startswith("/var/lib/unsay/")
    assert SERVICES["admin"]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_the_log_is_signed_by_a_key_that_lies_apart_from_it() -> None:
    key = load_config(COMPOSE / "unsay" / "unsay.yaml").audit.key
    assert key is not None
    holders = {
        name for name, one in SERVICES.items() if any(f":{key.parent}" in volume for volume in one["volumes"])
    }
    assert holders == {"gateway"}


def test_the_gateway_has_time_to_drain() -> None:
    drain_s = load_config(COMPOSE / "unsay" / "unsay.yaml").limits.drain_s
    assert int(SERVICES["gateway"]["stop_grace_period"].removesuffix("s")) > drain_s
