"""What arrives at the model server where it steers, and what client and operator see where it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.protection import Protection
from policy.action import Action
from tests.gateway.canned import Canned
from tests.gateway.running import CRANE, Answered, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import number, policy_text, start, until
from tests.gateway.steering.engine import Engine, directive_of

ABOUT = "Who is Alden Crane?"
THEIRS = {"unsay": "0" * 64 + "{}", "more": 1}


@pytest.fixture
def engine(canned: Canned) -> Iterator[Engine]:
    found = Engine()
    canned.answers = found.answer
    canned.asked.clear()
    yield found
    canned.answers = None


@pytest.fixture
def protection(tmp_path: Path) -> Protection:
    return protection_of(policy_of(CRANE, prompt=Action.FLAG), tmp_path / "snapshot")


def test_the_engine_is_told_who_is_asked_about(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    crane = frozenset({protection.snapshot.number(0)})
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "required"})
    with running(config, protection) as gateway:
        assert gateway.chat(ABOUT, vllm_xargs=THEIRS).status == 200
        about = canned.last
        assert gateway.chat("Hello.", stream=True).text() == engine.text
        nobody = canned.last
    assert (directive_of(about).active, directive_of(about).allowed) == (None, crane)
    assert list(about.json["vllm_xargs"]) == ["unsay"]
    assert directive_of(nobody).idle


def test_both_of_a_twin_are_told(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    config = config_for(
        canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "required"}, twin_check=True
    )
    with running(config, protection) as gateway:
        assert gateway.chat(ABOUT).status == 200
    asked = [directive_of(one) for one in canned.asked if "return_token_ids" not in one.json]
    assert [told.active for told in asked] == [None, None]
    assert sorted(map(len, (told.allowed for told in asked))) == [0, 1]


def test_where_steering_is_off_a_clients_own_arguments_do_not_arrive_either(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        assert gateway.chat(ABOUT, vllm_xargs=THEIRS).status == 200
        assert "steering" not in gateway.ask("GET", "/readyz").json
    assert "vllm_xargs" not in canned.last.json
    assert engine.canaries == []


def seen(gateway: Running) -> tuple[Answered, Answered, float]:
    answer = gateway.chat(ABOUT)
    return answer, gateway.ask("GET", "/readyz"), number(gateway, "unsay_steering_in_force")


@pytest.mark.parametrize(("obeys", "told"), [("raised", "in_force"), ("stale", "stale")])
def test_an_operator_sees_that_it_is_in_force(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path, obeys: str, told: str
) -> None:
    engine.obeys = obeys
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "required"})
    with running(config, protection) as gateway:
        answer, ready, metric = seen(gateway)
    assert (answer.status, ready.status, metric) == (200, 200, 1.0)
    assert (ready.json["steering"], ready.json["checks"]["steering"]) == (told, True)


def test_where_it_is_required_and_not_in_force_nothing_is_served(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    engine.obeys = None
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "required"})
    with running(config, protection) as gateway:
        answer, ready, metric = seen(gateway)
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert (ready.status, ready.json["steering"], metric) == (503, "not_in_force", 0.0)
    assert ready.json["checks"]["steering"] is False
    assert all("return_token_ids" in asked.json for asked in canned.asked)


def test_where_it_is_preferred_and_not_in_force_the_filters_serve_and_say_so(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    engine.obeys = None
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "preferred"})
    with running(config, protection) as gateway:
        answer, ready, metric = seen(gateway)
    assert (answer.status, ready.status, metric) == (200, 200, 0.0)
    assert ready.json["steering"] == "not_in_force"
    assert "vllm_xargs" not in canned.last.json


def test_an_engine_that_came_back_without_steering_gets_no_request(
    canned: Canned, engine: Engine, protection: Protection, tmp_path: Path
) -> None:
    config = config_for(
        canned.base_url, tmp_path / "audit.jsonl", steering={"mode": "required", "check_s": 3600}
    )
    with running(config, protection) as gateway:
        assert gateway.chat(ABOUT).status == 200
        # The kept connection and the one that replaces it.
        engine.obeys, canned.drops = None, 2
        lost = gateway.chat(ABOUT)
        canned.asked.clear()
        after = gateway.chat(ABOUT)
    assert lost.error["code"] == "upstream_incomplete"
    assert after.status == 503
    assert canned.asked != []
    assert all("return_token_ids" in asked.json for asked in canned.asked)


@pytest.mark.long
def test_a_gateway_that_requires_it_does_not_start_before_an_engine_that_does_not_steer(
    canned: Canned, engine: Engine, tmp_path: Path
) -> None:
    engine.obeys = None
    (tmp_path / "unsay.yaml").write_text(
        f'{{"listen": {{"port": 0}}, "upstream": {{"base_url": "{canned.base_url}"}}, '
        '"models": {"demo": "demo"}, "steering": {"mode": "required"}}'
    )
    (tmp_path / "policy.yaml").write_text(policy_text({"id": "crane", "names": ["Alden Crane"]}))
    with start(tmp_path) as process:
        try:
            status = until(process.poll)
        finally:
            process.kill()
    assert status == 2
    assert "ignored the canary" in (tmp_path / "log").read_text()
