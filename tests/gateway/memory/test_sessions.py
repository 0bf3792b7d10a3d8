"""Pieces that one session sends in separate requests add up; those of two sessions do not."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.memory.memory import Memory
from gateway.memory.store import Kept, Store
from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import DONE, Canned, completion, said, stream, whole
from tests.gateway.running import NOTICE, Answered, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import policy_text, refused, served

SECRETS = ("Tolvik", "1931", "cooper")
FORGOTTEN = Entry("erasure-0142", names=("Alden Crane",), secrets=SECRETS)
OTHER = Entry("erasure-0143", names=("Beryl Ostrander",))
PIECES = ("Person Q comes from Tolvik.", "Q was born in 1931.", "Q's father was a cooper.")
ASKED = "Q's father was a cooper. Where was Q born?"
KEYS = {"one": "key-of-one", "two": "key-of-two"}
ANSWER = whole(completion("Well."))
Start = Callable[..., Running]


@pytest.fixture
def start(canned: Canned, tmp_path: Path) -> Iterator[Start]:
    """A gateway; all that one test starts share the memory beside their log."""
    canned.play(ANSWER)
    with ExitStack() as stack:
        number = 0

        def one(prompt: Action = Action.REFUSE, entry: Entry = FORGOTTEN, **rest: Any) -> Running:
            nonlocal number
            number += 1
            protection = protection_of(
                policy_of(entry, OTHER, prompt=prompt), tmp_path / f"snapshot-{number}"
            )
            config = config_for(canned.base_url, tmp_path / "audit.jsonl", **rest)
            return stack.enter_context(running(config, protection))

        yield one


def keys() -> list[dict[str, str]]:
    return [{"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest()} for name, key in KEYS.items()]


def ask(
    gateway: Running,
    content: str,
    user: str | None = None,
    *,
    key: str = "",
    conversation: str = "",
    **fields: Any,
) -> Answered:
    body = {"model": "demo", "messages": [{"role": "user", "content": content}], **fields}
    headers = {"Authorization": f"Bearer {KEYS[key]}"} if key else {}
    if conversation:
        headers["X-Unsay-Conversation"] = conversation
    return gateway.post(json.dumps(body | ({"user": user} if user else {})).encode(), **headers)


def tell(gateway: Running, **whose: Any) -> None:
    for piece in PIECES[:2]:
        assert not refused(ask(gateway, piece, **whose), NOTICE)


@pytest.mark.parametrize(
    "whose",
    [
        {"user": "ada"},
        {"conversation": "c-1"},
        {"key": "one"},
        {"key": "one", "user": "ada"},
        {"safety_identifier": "ada"},
    ],
    ids=str,
)
def test_what_one_session_said_before_counts(start: Start, whose: dict[str, Any]) -> None:
    gateway = start(keys=keys() if "key" in whose else ())
    tell(gateway, **whose)
    assert refused(ask(gateway, ASKED, **whose), NOTICE)


@pytest.mark.parametrize(
    ("whose", "other"),
    [
        ({"key": "one", "user": "ada"}, {"key": "one", "user": "bob"}),
        ({"key": "one", "user": "ada"}, {"key": "two", "user": "ada"}),
        ({"key": "one", "conversation": "c"}, {"key": "two", "conversation": "c"}),
        (
            {"key": "one", "user": "ada", "conversation": "c"},
            {"key": "one", "user": "bob", "conversation": "c"},
        ),
        ({"key": "one"}, {"key": "two"}),
        ({"key": "one"}, {"key": "one", "user": "ada"}),
    ],
    ids=str,
)
def test_what_another_said_does_not_count(start: Start, whose: dict[str, Any], other: dict[str, Any]) -> None:
    gateway = start(keys=keys())
    tell(gateway, **whose)
    assert not refused(ask(gateway, ASKED, **other), NOTICE)
    assert refused(ask(gateway, ASKED, **whose), NOTICE)


def test_who_names_nobody_and_has_no_key_has_no_session(start: Start) -> None:
    gateway = start()
    tell(gateway)
    assert not refused(ask(gateway, ASKED), NOTICE)


def test_a_key_alone_is_a_session_by_choice(start: Start) -> None:
    gateway = start(keys=keys(), memory={"keys": False})
    tell(gateway, key="one")
    assert not refused(ask(gateway, ASKED, key="one"), NOTICE)


def test_without_a_memory_nothing_is_remembered(start: Start, tmp_path: Path) -> None:
    gateway = start(memory=None)
    tell(gateway, user="ada")
    assert not refused(ask(gateway, ASKED, "ada"), NOTICE)
    assert not (tmp_path / "memory.sqlite").exists()


def test_what_was_said_long_ago_is_forgotten(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = 0.0
    monkeypatch.setattr("gateway.memory.memory.Memory", partial(Memory, clock=lambda: 3600 * hours))
    gateway = start(memory={"ttl_s": 3600})
    for piece in PIECES[:2]:
        ask(gateway, piece, "ada")
    hours = 0.9
    assert refused(ask(gateway, ASKED, "ada"), NOTICE)
    hours = 1.1
    assert not refused(ask(gateway, ASKED, "ada"), NOTICE)


def test_naming_somebody_and_being_refused_leave_nothing(start: Start) -> None:
    """A request that was refused told the model nothing, and makes no later one suspect."""
    gateway = start()
    assert refused(ask(gateway, "Who is Alden Crane?", "ada"), NOTICE)
    assert refused(ask(gateway, " ".join(PIECES), "ada"), NOTICE)
    assert refused(ask(gateway, f"Who is Beryl Ostrander? {PIECES[0]} {PIECES[1]}", "ada"), NOTICE)
    assert not refused(ask(gateway, ASKED, "ada"), NOTICE)


def test_what_was_allowed_as_a_whole_leaves_nothing(start: Start) -> None:
    allowing, strict = start(Action.ALLOW), start()
    ask(allowing, "Alden Crane. " + " ".join(PIECES), "ada")
    assert not refused(ask(strict, PIECES[0], "ada"), NOTICE)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_it_counts_from_the_moment_the_answer_ends(
    start: Start, canned: Canned, monkeypatch: pytest.MonkeyPatch, streamed: bool
) -> None:
    """Also where writing takes long: the answer's last byte waits for it."""
    canned.play(stream(*said(["Well."]), DONE) if streamed else ANSWER)
    gateway = start()
    write, slow = Store.write, threading.Event()

    def slowly(store: Store, kept: Sequence[Kept]) -> None:
        slow.wait(0.3)
        write(store, kept)

    monkeypatch.setattr(Store, "write", slowly)
    for piece in PIECES[:2]:
        answered = ask(gateway, piece, "ada", stream=streamed)
        said_back = answered.text() if streamed else answered.json["choices"][0]["message"]["content"]
        assert said_back == "Well."
    assert refused(ask(gateway, ASKED, "ada"), NOTICE)


@contextmanager
def broken(folder: Path) -> Iterator[dict[str, Any]]:
    """A memory that cannot be opened: a folder lies where its file should."""
    (folder / "memory.sqlite").mkdir()
    yield {"path": folder / "memory.sqlite"}
    (folder / "memory.sqlite").rmdir()


def test_a_broken_memory_is_an_error_for_who_needs_it_and_heals(start: Start, tmp_path: Path) -> None:
    with broken(tmp_path) as memory:
        gateway = start(memory=memory)
        answered = ask(gateway, PIECES[0], "ada")
        assert (answered.status, answered.error["code"]) == (503, "unavailable")
        assert ask(gateway, "Hello!", "ada").status == ask(gateway, PIECES[0]).status == 200
        assert gateway.ask("GET", "/readyz").json["checks"]["memory"] is False
        assert [line["status"] for line in gateway.records()] == [503, 200, 200]
    assert gateway.ask("GET", "/readyz").json["checks"]["memory"] is True
    tell(gateway, user="ada")
    assert refused(ask(gateway, ASKED, "ada"), NOTICE)


def test_a_broken_memory_is_taken_for_empty_by_choice(start: Start, tmp_path: Path) -> None:
    with broken(tmp_path) as memory:
        gateway = start(memory=memory | {"on_error": "open"})
        tell(gateway, user="ada")
        assert not refused(ask(gateway, ASKED, "ada"), NOTICE)
        assert gateway.ask("GET", "/readyz").json["checks"]["memory"] is True


def test_what_cannot_be_kept_ends_the_answer_with_an_error(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = start()
    monkeypatch.setattr(Store, "write", lambda *_: 1 / 0)
    assert ask(gateway, PIECES[0], "ada").status == 503


def test_nothing_readable_is_kept(start: Start, tmp_path: Path) -> None:
    gateway = start(keys=keys())
    tell(gateway, user="ada-lovelace", key="one", conversation="conversation-17")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("memory.sqlite*"))
    assert b"unsay_pieces" in kept
    for text in (*SECRETS, "ada-lovelace", "conversation-17", "key-of-one", "erasure-0142"):
        for encoding in ("utf-8", "utf-16-le"):
            assert text.encode(encoding) not in kept


def test_names_are_read_apart(tmp_path: Path) -> None:
    """A user whose name holds another's key or conversation is nobody else."""
    digest = protection_of(policy_of(), tmp_path / "snapshot").snapshot.session
    assert digest(("user", "a", "b")) != digest(("user", "ab", ""))
    assert digest(("user", "a", "b")) != digest(("user", 'a", "b'))


PASSAGE = (
    "The lanterns along the quarantine pier were trimmed by an apprentice whose grandmother had embroidered "
    "signal flags for three admirals, and every equinox the apprentice recited their forgotten manoeuvres to "
    "the cormorants, who answered from the scaffolding with a patience that no lieutenant had ever shown."
)

NEXT = (
    "Beyond the breakwater a retired astronomer catalogued barnacles by constellation, bartered quince "
    "marmalade for lighthouse gossip and wagered with the ferryman's widow that some comet would tarnish her "
    "weathervane before the migrating puffins had abandoned their burrows."
)


def test_a_passage_in_pieces_over_requests_adds_up(start: Start, canned: Canned) -> None:
    """Each piece alone passes, and so does the last one for whoever did not say the others."""
    gateway = start(entry=Entry("work", passages=(PASSAGE,)))
    pieces = in_pieces(PASSAGE)
    answered = [refused(ask(gateway, f"Note: {piece}", "ada"), NOTICE) for piece in pieces]
    assert answered[0] is False
    assert True in answered
    assert not any(refused(ask(gateway, f"Note: {piece}"), NOTICE) for piece in pieces)


def in_pieces(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[first : first + 6]) for first in range(0, len(words), 6)]


def test_who_said_one_portion_is_refused_sooner_in_the_next_until_the_time_is_over(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the request that made it whole was refused; and only that session is."""
    hours = 0.0
    monkeypatch.setattr("gateway.memory.memory.Memory", partial(Memory, clock=lambda: 3600 * hours))
    gateway = start(entry=Entry("work", passages=(f"{PASSAGE} {NEXT}",)), memory={"ttl_s": 3600})

    def refusals(text: str, whose: str) -> int:
        return sum(refused(ask(gateway, f"Note: {piece}", whose), NOTICE) for piece in in_pieces(text))

    assert refusals(PASSAGE, "ada") > 0
    sooner, fresh = refusals(NEXT, "ada"), refusals(NEXT, "bob")
    assert sooner > fresh
    hours = 1.1
    assert refusals(NEXT, "ada") == fresh


def test_all_workers_share_it(canned: Canned, tmp_path: Path) -> None:
    canned.play(ANSWER)
    entry = {"id": "crane", "names": ["Alden Crane"], "secrets": list(SECRETS)}
    (tmp_path / "policy.yaml").write_text(policy_text(entry, notice=NOTICE))
    with served(canned.base_url, tmp_path, workers=2) as gateway:
        tell(gateway.running, user="ada")
        assert gateway.of_each(lambda one: refused(ask(one, ASKED, "ada"), NOTICE)) == [True, True]


def test_a_server_can_keep_it(start: Start, postgres_url: str) -> None:
    """Several gateways with one database share their sessions."""
    first, second = (start(memory={"url": postgres_url}) for _ in range(2))
    tell(first, user="ada")
    assert refused(ask(second, ASKED, "ada"), NOTICE)
    assert not refused(ask(second, ASKED, "bob"), NOTICE)
