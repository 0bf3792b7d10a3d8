"""The law of every desk (gateway/admin/desk.py): at hand and over HTTP the same is said and left behind."""

import json
from dataclasses import replace

import pytest

from gateway.admin.desk import Desk
from gateway.admin.documents import (
    CompileDocument,
    MoveDocument,
    ReceiptDocument,
    RowsDocument,
    TryDocument,
)
from gateway.admin.trouble import NotFound, Unfinished
from index.ledger.act import Configure
from index.ledger.error import Refused
from index.ledger.event import Event, Kept, State
from index.ledger.settings import Settings
from policy.problem import PolicyError
from policy.signed import opened
from tests.gateway.admin.office import ENTRY, KEYS, ROWS, TEXTS, Office, asking
from unsay.remote_desk import RemoteError

REFUSED = (Refused, NotFound, Unfinished, PolicyError, RemoteError)


def move(event: str, why: str = "", share: float = 1.0) -> MoveDocument:
    return MoveDocument(event=Event(event), why=why, share=share)


def test_a_request_is_added_staged_and_compiled(desk: Desk) -> None:
    added = desk.add(asking(why="ticket 7"), "")
    assert (added.id, added.state, added.requester) == ("erasure-0142", State.STAGED, "anna")
    assert (added.exact, added.semantic, added.remark) == ("compiled", "off", "")
    assert desk.show("erasure-0142") == added


@pytest.mark.parametrize(("then", "state"), [("monitor", State.MONITORED), ("enforce", State.ENFORCED)])
def test_a_request_is_put_in_force_in_the_same_step(desk: Desk, then: str, state: State) -> None:
    added = desk.add(asking(then), "")
    assert (added.state, [one.event for one in added.history]) == (state, [Event.ADD, Event.ATTACH, then])


def test_what_cannot_be_put_in_force_is_not_added(desk: Desk, at: Office) -> None:
    at.desk("boss").opened.commit(Configure(Settings(approve=frozenset({Event.ENFORCE})), "boss"))
    with pytest.raises(REFUSED, match="expected the consent to `enforce`"):
        desk.add(asking("enforce"), "")
    assert desk.list(None, "", 10).requests == ()


def test_what_cannot_be_compiled_is_not_added(desk: Desk, at: Office) -> None:
    text = ENTRY["passages"][0]
    with pytest.raises(Exception, match="passage 1 stands in a retain text"):
        desk.add(asking(entry={**ENTRY, "retain": [text]}), "")
    assert at.desk().opened.requests() == ()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"id": "one"}, "expected at least one of names, passages"),
        ({"id": "one", "names": [["Alden Crane"]]}, r"names\[0\]: expected text, got a list of 1"),
        ({"id": "one", "passages": [{"file": "/etc/passwd"}]}, "expected the text itself, got a file"),
        ({"id": "A B", "names": ["Alden Crane"]}, "expected 1 to 128 letters, digits"),
    ],
)
def test_a_bad_entry_is_refused_and_not_told(desk: Desk, entry: dict[str, object], told: str) -> None:
    with pytest.raises(REFUSED, match=told) as refused:
        desk.add(asking(entry=entry), "")
    assert not [text for text in (*TEXTS, "root:") if text in str(refused.value)]


def test_an_entry_of_the_policy_is_no_request(desk: Desk, at: Office) -> None:
    with pytest.raises(REFUSED, match="stone: expected an id that no entry of the policy has"):
        desk.add(asking("enforce", id="stone"), "")
    assert at.desk().opened.requests() == ()


def test_the_same_act_again_is_told_again_and_not_done_again(desk: Desk) -> None:
    first = desk.add(asking("enforce"), "token-1")
    assert desk.add(asking("enforce"), "token-1") == first
    with pytest.raises(REFUSED, match="token: expected one that stood for nothing yet"):
        desk.add(asking("enforce", id="another"), "token-1")
    with pytest.raises(REFUSED, match="expected an id that no request has had"):
        desk.add(asking("enforce"), "token-2")


def test_a_request_goes_through_its_states_and_ends(desk: Desk) -> None:
    desk.add(asking(), "")
    assert desk.move("erasure-0142", move("monitor")).state is State.MONITORED
    half = desk.move("erasure-0142", move("enforce", share=0.5))
    assert (half.state, half.share) == (State.ENFORCED, 0.5)
    assert desk.move("erasure-0142", move("stage", "too broad")).state is State.STAGED
    assert desk.move("erasure-0142", move("restore", "in error")).state is State.RESTORED
    with pytest.raises(REFUSED, match="what ended stays as it is"):
        desk.move("erasure-0142", move("enforce"))


def test_another_must_approve_where_the_ledger_wants_it(desk: Desk, at: Office) -> None:
    own = at.desk("berta")
    own.opened.commit(Configure(Settings(approve=frozenset({Event.ENFORCE})), "boss"))
    assert desk.add(asking(), "").awaits == (Event.ENFORCE,)
    with pytest.raises(REFUSED, match="who asked for it"):
        desk.approve("erasure-0142", move("enforce"))
    assert own.approve("erasure-0142", move("enforce")).awaits == ()
    assert desk.move("erasure-0142", move("enforce")).state is State.ENFORCED


def test_a_request_that_nobody_made_is_not_found(desk: Desk) -> None:
    for act in (
        lambda: desk.show("none"),
        lambda: desk.move("none", move("enforce")),
        lambda: desk.approve("none", move("enforce")),
        lambda: desk.preview("none", RowsDocument(rows=ROWS)),
        lambda: desk.receipt("none", ReceiptDocument()),
        lambda: desk.list(None, "none", 10),
    ):
        with pytest.raises(
            (NotFound, RemoteError), match="none: expected a request of this ledger, found none"
        ):
            act()


def test_requests_are_listed_in_pages_and_by_state(desk: Desk) -> None:
    for number in range(3):
        desk.add(asking("enforce" if number == 1 else None, id=f"r{number}"), "")
    page = desk.list(None, "", 2)
    assert ([one.id for one in page.requests], page.more) == (["r0", "r1"], True)
    assert [one.id for one in desk.list(None, "r1", 2).requests] == ["r2"]
    assert [one.id for one in desk.list(State.ENFORCED, "", 10).requests] == ["r1"]


def test_a_preview_tells_what_would_be_withheld_and_is_noted(desk: Desk) -> None:
    desk.add(asking(), "")
    found = desk.preview("erasure-0142", RowsDocument(rows=ROWS))
    assert (found.rows, found.refused, found.answers, found.places) == (4, 1, 1, (1, 3))
    assert (found.share, found.above) == (0.5, True)
    noted = desk.show("erasure-0142").preview
    assert noted is not None
    assert (noted["rows"], noted["share"]) == (4, 0.5)


def test_an_entry_is_tried_before_anybody_adds_it(desk: Desk) -> None:
    found = desk.try_out(TryDocument(rows=ROWS, entry=ENTRY))
    assert (found.places, found.semantic) == ((1, 3), "off")
    assert desk.list(None, "", 10).requests == ()


def test_texts_that_were_kept_are_compiled_again_and_shredded(desk: Desk) -> None:
    assert desk.add(asking(source="encrypted"), "").source is Kept.ENCRYPTED
    again = desk.compile("erasure-0142", CompileDocument())
    assert [one.event for one in again.history] == ["add", "attach", "attach"]
    assert desk.move("erasure-0142", move("shred")).source is Kept.NONE
    with pytest.raises(REFUSED, match="expected texts that are kept encrypted"):
        desk.compile("erasure-0142", CompileDocument())


def test_only_the_texts_that_were_added_are_compiled_again(desk: Desk) -> None:
    desk.add(asking(), "")
    assert desk.compile("erasure-0142", CompileDocument(entry=ENTRY)).exact == "compiled"
    with pytest.raises(REFUSED, match="expected the entry that was added, found another"):
        desk.compile("erasure-0142", CompileDocument(entry={**ENTRY, "secrets": ["555-000-0000"]}))


def test_a_receipt_is_signed_by_the_ledgers_key_and_says_no_text(desk: Desk) -> None:
    desk.add(asking("enforce", why="ticket 7"), "")
    paper = desk.receipt("erasure-0142", ReceiptDocument(evaluation={"leaks": 0, "tries": 300}))
    assert KEYS.signing is not None
    said = opened("forget receipt", paper, [KEYS.signing.public])
    assert [one["event"] for one in json.loads(paper)["records"]] == ["add", "attach", "enforce"]
    assert said["evaluation"] == {"leaks": 0, "tries": 300}
    assert not [text for text in TEXTS if text in paper.decode()]


def test_the_ledger_says_where_it_stands(desk: Desk) -> None:
    before = desk.ledger()
    desk.add(asking(), "")
    assert desk.ledger().records == before.records + 2
    assert KEYS.signing is not None
    assert before.key == str(KEYS.signing.public)


def test_without_a_policy_requests_are_moved_but_not_added(at: Office) -> None:
    at.desk().add(asking(), "")
    bare = replace(at.desk(), compiler=None)
    assert bare.move("erasure-0142", move("enforce")).state is State.ENFORCED
    with pytest.raises(Unfinished, match="expected a policy to compile for, found none"):
        bare.add(asking(id="another"), "")
