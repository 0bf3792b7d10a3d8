"""A gateway that cannot reach the ledger keeps to what was in force, and says so; or answers nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.canned import Canned
from tests.gateway.following.fleet import fleet, leaks, recite, until_in_force
from tests.gateway.following.relay import Relay, new_database
from tests.gateway.served import Served, number, start, until


@pytest.fixture
def relay(postgres_url: str) -> Iterator[Relay]:
    with Relay(new_database(postgres_url)) as found:
        yield found


def state(gateway: Served) -> Any:
    return gateway.ready()["ledger"]["state"]


def contacts(gateway: Served) -> list[Any]:
    """What the audit log says of them."""
    said = [one["state"] for one in gateway.running.records() if one["event"] == "ledger"]
    return [one for one in said if one != "in_force"]


def test_what_was_in_force_stays_so_without_the_ledger_and_after_a_start(
    canned: Canned, tmp_path: Path, relay: Relay
) -> None:
    with fleet(tmp_path, canned, relay.url, poll_s=0.05, most_stale_s=0.3) as (found, ledger):
        gateway = found.replicas[0]
        until_in_force(found, ledger.commit(*found.acts("one", 1))[-1])
        relay.cut()
        until(lambda: state(gateway) == "lost")
        assert gateway.ready()["ready"]
        assert number(gateway.running, "unsay_ledger_silent_seconds") > 0.3
        assert not leaks(found.texts, 1, recite(gateway.running, 1))
        assert leaks(found.texts, 2, recite(gateway.running, 2))
        gateway.process.terminate()
        gateway.ended()
        with found.replica("replica-0", poll_s=0.05, most_stale_s=0.3) as again:
            assert not leaks(found.texts, 1, recite(again.running, 1))
            assert state(again) == "lost"
            relay.mend()
            until(lambda: state(again) == "ok")
            until(lambda: contacts(again)[-2:] == ["unreachable", "reached"])


def test_where_the_settings_want_it_nothing_is_answered_without_the_ledger(
    canned: Canned, tmp_path: Path, relay: Relay
) -> None:
    closed: dict[str, Any] = {"poll_s": 0.05, "most_stale_s": 0.5, "on_unreachable": "closed"}
    with fleet(tmp_path, canned, relay.url, **closed) as (found, ledger):
        gateway = found.replicas[0]
        until_in_force(found, ledger.commit(*found.acts("one", 1))[-1])
        until(lambda: recite(gateway.running, 2).status == 200)
        relay.cut()
        until(lambda: recite(gateway.running, 2).status == 503)
        told = gateway.running.ask("GET", "/readyz")
        assert (told.status, told.json["checks"]["ledger"]) == (503, False)
        assert recite(gateway.running, 2).error["code"] == "unavailable"
        gateway.process.terminate()
        gateway.ended()
        with start(found.folder / "replica-0") as process:
            assert process.wait(120) != 0
        assert "the ledger cannot be reached" in (found.folder / "replica-0" / "log").read_text()


def test_a_gateway_that_never_saw_the_ledger_does_not_start_without_it(
    canned: Canned, tmp_path: Path
) -> None:
    with fleet(tmp_path, canned, tmp_path / "ledger.sqlite", replicas=0) as (found, ledger):
        ledger.close()
        found.address = tmp_path / "none" / "ledger.sqlite"
        with pytest.raises(AssertionError, match="it ended"), found.replica("replica-0"):
            pass
        log = (tmp_path / "replica-0" / "log").read_text()
        assert "nothing is kept of it" in log
        assert "Traceback" not in log
