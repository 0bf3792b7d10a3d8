"""What the forget commands print: columns that stand under one another, and all of one request."""

from datetime import UTC, datetime

from gateway.admin.documents import ForceDocument, PreviewDocument, RequestDocument
from index.ledger.event import Event, Kept, State
from policy.entry import Reason
from unsay.forget_shown import previewed, table, warning, whole

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FORCE = ForceDocument(replica="host:8080", part="exact", sequence=4, generation=3, at=NOW, after_s=0.75)
REQUEST = RequestDocument(
    id="erasure-0142",
    state=State.ENFORCED,
    since=NOW,
    requester="anna",
    reason=Reason.PRIVACY,
    commitment="0" * 64,
    models=("*",),
    keys=("team-*",),
    start=None,
    until=NOW,
    share=0.25,
    source=Kept.REFERENCE,
    reference="case 7",
    counts={"names": 2, "passages": 0},
    exact="compiled",
    semantic="pending",
    awaits=(Event.RESTORE,),
    in_force=(FORCE,),
    preview={"rows": 4},
)


def test_columns_stand_under_one_another() -> None:
    lines = table([REQUEST, REQUEST.model_copy(update={"id": "a", "state": State.STAGED})]).splitlines()
    assert (
        len({line.index(word) for line, word in zip(lines, ("STATE", "enforced", "staged"), strict=True)})
        == 1
    )
    assert lines[1].split()[:5] == ["erasure-0142", "enforced", "25%", "2026-11-01", "00:00"]
    assert lines[1].split()[5:] == ["anna", "privacy", "compiled", "pending", "1", "restore"]


def test_all_of_a_request_is_shown() -> None:
    shown = whole(REQUEST)
    assert shown.startswith(
        "erasure-0142: enforced for 25% of what is asked; exact part compiled, semantic part p"
    )
    assert "holds       2 names\n" in shown
    assert "keys team-*; until 2026-11-01T00:00:00+00:00" in shown
    assert "texts kept  reference (case 7)" in shown
    assert "awaits      approval of: restore" in shown
    assert "in force    host:8080: exact, generation 3, 2026-11-01T00:00:00.000+00:00, after 0.75 s" in shown


def test_a_preview_shows_its_first_rows_and_what_it_did_not_look_for() -> None:
    found = PreviewDocument(
        rows=4000, refused=40, redacted=0, answers=0, share=0.01, limit=0.01, above=False,
        places=tuple(range(1, 41)), semantic="off", more_places=False,
    )  # fmt: skip
    shown = previewed(found).splitlines()
    assert shown[0].startswith("40 of 4000 rows would be withheld (1.00%): 40 prompts refused")
    assert shown[1].endswith("19, 20, ...")
    assert shown[2] == "looked for words alone: the semantic part is off"
    assert warning(found) == ""
