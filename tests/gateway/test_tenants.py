"""What one key does costs no other key anything, and shows to none."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gateway.errors import ApiError
from gateway.limits.admission import Admission
from index.similarity import Hit, Tenant
from tests.gateway.canned import Asked, Canned, End, Script, completion, stream, whole
from tests.gateway.running import CRANE, Answered, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

LOUD, QUIET, HOUSE = "tenant-a", "tenant-b", "the-house"
USAGE = {"prompt_tokens": 20, "completion_tokens": 20, "total_tokens": 40}


class Asks:
    """A judge that finds nothing and keeps for whom it was asked what."""

    threshold, grey, lines = 0.5, 0.1, ()

    def __init__(self) -> None:
        self.tenants: dict[str, set[Tenant]] = {}

    def judge(self, texts: Sequence[str], tenants: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        for text, tenant in zip(texts, tenants, strict=True):
            self.tenants.setdefault(text, set()).add(tenant)
        return [() for _ in texts]


def keys(**of_the_loud: Any) -> list[dict[str, Any]]:
    own: dict[str, dict[str, Any]] = {LOUD: of_the_loud, QUIET: {}, HOUSE: {"operator": True}}
    return [{"name": name, "sha256": sha256(name.encode()).hexdigest(), **more} for name, more in own.items()]


@contextmanager
def gateway(canned: Canned, folder: Path, judge: Asks | None = None, **of_the_loud: Any) -> Iterator[Running]:
    config = config_for(canned.base_url, folder / "audit.jsonl", keys=keys(**of_the_loud))
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot", judge=judge)) as started:
        yield started


def ask(one: Running, key: str, content: str = "Hello!", **more: Any) -> Answered:
    body = {"model": "demo", "messages": [{"role": "user", "content": content}], **more}
    return one.post(json.dumps(body).encode(), Authorization=f"Bearer {key}")


def waits_when_told(asked: Asked) -> Script:
    if "wait" in asked.json["messages"][0]["content"]:
        return stream(end=End.SILENT)
    return whole(completion("A lamp.") | {"usage": USAGE})


def test_a_key_that_has_all_its_places_takes_none_of_anothers(canned: Canned, tmp_path: Path) -> None:
    canned.answers = waits_when_told
    canned.asked.clear()
    with gateway(canned, tmp_path, requests_at_a_time=1) as one:
        waiting = Thread(target=ask, args=(one, LOUD, "Please wait."), daemon=True)
        waiting.start()
        until(lambda: bool(canned.asked))
        told = ask(one, LOUD)
        assert (told.status, told.error["code"]) == (429, "rate_limit_exceeded")
        assert told.headers["retry-after"] == "1"
        assert ask(one, QUIET).status == 200


def test_a_place_comes_back_with_the_answer(canned: Canned, tmp_path: Path) -> None:
    canned.answers = waits_when_told
    with gateway(canned, tmp_path, requests_at_a_time=1) as one:
        assert [ask(one, LOUD).status for _ in range(3)] == [200, 200, 200]


def test_who_is_under_way_counts_when_the_settings_change() -> None:
    before = Admission(config_for("http://127.0.0.1:9/v1", Path("a"), keys=keys()))
    after = before.under(config_for("http://127.0.0.1:9/v1", Path("a"), keys=keys(requests_at_a_time=1)))
    with before.ask(LOUD).at_once:
        with pytest.raises(ApiError, match="at most 1 requests at a time"), after.ask(LOUD).at_once:
            pass
        with after.ask(QUIET).at_once:
            pass
    with after.ask(LOUD).at_once:
        pass


@pytest.mark.parametrize("streamed", [False, True])
def test_a_key_has_so_many_tokens_a_day(streamed: bool, canned: Canned, tmp_path: Path) -> None:
    canned.answers = lambda _: (
        stream(
            b'data: {"choices":[{"index":0,"delta":{"content":"A lamp."},"finish_reason":"stop"}]}\n\n',
            b'data: {"choices":[],"usage":%s}\n\n' % json.dumps(USAGE).encode(),
            b"data: [DONE]\n\n",
        )
        if streamed
        else whole(completion("A lamp.") | {"usage": USAGE})
    )
    with gateway(canned, tmp_path, tokens_per_day=100) as one:
        told = [ask(one, LOUD, stream=streamed) for _ in range(4)]
        assert [each.status for each in told] == [200, 200, 200, 429]
        assert told[-1].error["code"] == "insufficient_quota"
        assert told[-1].headers["x-should-retry"] == "false"
        assert ask(one, QUIET, stream=streamed).status == 200


def test_a_refusal_costs_what_it_says_that_it_costs(canned: Canned, tmp_path: Path) -> None:
    with gateway(canned, tmp_path, tokens_per_day=100) as one:
        cost = ask(one, LOUD, "Where was Alden Crane born?").json["usage"]["total_tokens"]
        told = Counter(ask(one, LOUD, "Where was Alden Crane born?").status for _ in range(9))
        assert cost > 10
        assert told == {200: -(-100 // cost) - 1, 429: 9 - (-(-100 // cost) - 1)}


def test_what_a_key_asked_is_remembered_for_it_alone(canned: Canned, tmp_path: Path) -> None:
    judge = Asks()
    canned.answers = waits_when_told
    with gateway(canned, tmp_path, judge) as one:
        ask(one, LOUD, "What is a lighthouse?")
        assert judge.tenants["What is a lighthouse?"] == {LOUD}
        ask(one, QUIET, "What is a lighthouse?")
        assert judge.tenants["What is a lighthouse?"] == {LOUD, QUIET}


def test_no_figure_says_whose_it_is(canned: Canned, tmp_path: Path) -> None:
    canned.answers = waits_when_told
    with gateway(canned, tmp_path) as one:
        for key in (LOUD, QUIET):
            ask(one, key, "Where was Alden Crane born?")
            assert one.ask("GET", "/metrics", headers={"Authorization": f"Bearer {key}"}).status == 403
        told = one.ask("GET", "/metrics", headers={"Authorization": f"Bearer {HOUSE}"}).body
    assert b"unsay_requests_total" in told
    assert not [name for name in (LOUD, QUIET, HOUSE, "crane") if name.encode() in told]
