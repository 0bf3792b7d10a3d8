"""An entry that binds a share of the traffic binds a conversation wholly, from its first turn to its last."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.asker import asked_by, named_by
from gateway.large import LARGE
from gateway.prompt import Body
from gateway.protection import Protection
from index.snapshot import Snapshot
from policy.entry import Called
from tests.gateway.canned import Canned, completion, whole
from tests.gateway.running import CRANE, NOTICE, Running, config_for, policy_of, protection_of, running

FORGOTTEN = "Who is Alden Crane?"
HALF = 0.5


def halved(whole: Protection) -> Protection:
    """The same, in force for half of those who ask."""
    entries = tuple(replace(entry, share=HALF) for entry in whole.snapshot.entries)
    return Protection(whole.policy, replace(whole.snapshot, entries=entries), None, 5.0)


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    return halved(protection_of(policy_of(CRANE), tmp_path_factory.mktemp("shares") / "snapshot"))


@pytest.fixture(scope="module")
def gateway(
    canned: Canned, protection: Protection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    audit = tmp_path_factory.mktemp("asker") / "audit.jsonl"
    with running(config_for(canned.base_url, audit), protection) as found:
        yield found


def withheld(gateway: Running, canned: Canned, *turns: str, **fields: str) -> bool:
    canned.play(whole(completion("Hello.")))
    messages = [
        {"role": "assistant" if number % 2 else "user", "content": turn} for number, turn in enumerate(turns)
    ]
    body = {"model": "demo", "messages": messages, **fields}
    told = gateway.post(json.dumps(body).encode()).json
    return bool(told["choices"][0]["message"]["content"] == NOTICE)


def test_a_conversation_is_bound_wholly_or_not_at_all(gateway: Running, canned: Canned) -> None:
    outcomes = set()
    for number in range(16):
        opening = f"Question {number}: who keeps bees? {FORGOTTEN}"
        turns = [
            withheld(gateway, canned, opening),
            withheld(gateway, canned, opening, "I cannot say.", FORGOTTEN),
            withheld(gateway, canned, opening, "I cannot say.", FORGOTTEN, "Nobody.", "And now?"),
        ]
        assert len(set(turns)) == 1
        outcomes.add(turns[0])
    assert outcomes == {True, False}


def test_a_user_is_bound_whatever_is_asked(gateway: Running, canned: Canned) -> None:
    outcomes = set()
    for user in map(str, range(16)):
        asked = {withheld(gateway, canned, f"{FORGOTTEN} {number}", user=user) for number in range(3)}
        assert len(asked) == 1
        outcomes |= asked
    assert outcomes == {True, False}


def test_a_prompt_that_was_read_elsewhere_has_the_asker_of_its_conversation(protection: Protection) -> None:
    limits = config_for("http://127.0.0.1:1/v1", protection.snapshot.folder / "audit.jsonl").limits

    def asker(*turns: str) -> bytes:
        messages = [{"role": "user", "content": turn} for turn in turns]
        raw = json.dumps({"model": "demo", "messages": messages}).encode()
        request = protection.reader.read(Body(raw, limits, False)).request
        short = asked_by(Called("demo"), protection.snapshot, request, None)
        assert asked_by(Called("demo"), protection.snapshot, request.without_texts(), None) == short
        return short.asker

    assert asker("Hello!") == asker("Hello!", "x" * LARGE) != asker("Good day!")


def test_nobody_is_asked_who_they_are_where_all_are_bound(protection: Protection) -> None:
    whole: Snapshot = replace(
        protection.snapshot, entries=tuple(replace(one, share=1.0) for one in protection.snapshot.entries)
    )
    assert named_by(Called("demo", "app"), whole, "ann", None).asker == b""
    named = [named_by(Called("demo", "app"), protection.snapshot, user, None).asker for user in ("ann", None)]
    assert named[0] != named[1] != b""
