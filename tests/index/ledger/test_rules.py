"""What the ledger refuses: moves that its table lacks, moves without consent, too much of one requester."""

from datetime import timedelta

import pytest

from index.ledger.act import Act, Add, Approve, Attach, Move, Note
from index.ledger.error import Refused
from index.ledger.event import MOVES, Event, Kept, Part, State
from index.ledger.settings import Settings
from tests.index.ledger.conftest import START, Place, added, entry

REACHED = {
    State.STAGED: (),
    State.MONITORED: (Event.MONITOR,),
    State.ENFORCED: (Event.ENFORCE,),
    State.EXPIRED: (Event.EXPIRE,),
    State.RESTORED: (Event.RESTORE,),
}
# Written out, and not taken from the code: state by state the moves that are allowed, and where they lead.
ALLOWED = {
    State.STAGED: {
        Event.MONITOR: State.MONITORED,
        Event.ENFORCE: State.ENFORCED,
        Event.EXPIRE: State.EXPIRED,
        Event.RESTORE: State.RESTORED,
    },
    State.MONITORED: {
        Event.STAGE: State.STAGED,
        Event.ENFORCE: State.ENFORCED,
        Event.EXPIRE: State.EXPIRED,
        Event.RESTORE: State.RESTORED,
    },
    State.ENFORCED: {
        Event.STAGE: State.STAGED,
        Event.MONITOR: State.MONITORED,
        Event.ENFORCE: State.ENFORCED,
        Event.EXPIRE: State.EXPIRED,
        Event.RESTORE: State.RESTORED,
    },
    State.EXPIRED: {},
    State.RESTORED: {},
}


@pytest.mark.parametrize("state", State)
def test_only_listed_moves_are_made(file: Place, state: State) -> None:
    ledger = file.open()
    for number, event in enumerate(MOVES):
        name = f"r{number}"
        added(ledger, name)
        ledger.commit(*(Move(name, "ann", one) for one in REACHED[state]))
        assert ledger.request(name).state is state
        after = ALLOWED[state].get(event)
        if after is None:
            with pytest.raises(Refused, match="expected"):
                ledger.commit(Move(name, "ann", event))
        else:
            ledger.commit(Move(name, "ann", event))
        assert ledger.request(name).state is (after or state)


@pytest.mark.parametrize("event", [Event.MONITOR, Event.ENFORCE])
def test_what_was_not_compiled_takes_no_effect(file: Place, event: Event) -> None:
    ledger = file.open()
    ledger.commit(Add(entry(), "ann"))
    with pytest.raises(Refused, match="compile and attach it first"):
        ledger.commit(Move("heron", "ann", event))
    ledger.commit(Attach("heron", "ann", Part.SEMANTIC, b"x"))
    with pytest.raises(Refused, match="expected the exact part"):
        ledger.commit(Move("heron", "ann", event))
    assert ledger.request("heron").state is State.STAGED


def test_a_share_is_kept_and_ends_with_the_state(file: Place) -> None:
    ledger = file.open()
    added(ledger)
    ledger.commit(Move("heron", "ann", Event.ENFORCE, share=0.25))
    assert ledger.request("heron").share == 0.25
    ledger.commit(Move("heron", "ann", Event.MONITOR))
    assert ledger.request("heron").share == 1


class TestConsent:
    """Where the settings ask for it: who agrees is neither the requester nor who makes the move."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(frozenset({Event.ENFORCE, Event.RESTORE}))

    def test_without_it_nothing_is_enforced(self, place: Place, settings: Settings) -> None:
        ledger = place.open(settings=settings)
        added(ledger)
        with pytest.raises(Refused, match="found that of nobody; ask one to approve it"):
            ledger.commit(Move("heron", "bob", Event.ENFORCE))
        ledger.commit(Move("heron", "ann", Event.MONITOR))
        assert ledger.request("heron").state is State.MONITORED

    def test_the_requester_cannot_give_it(self, file: Place, settings: Settings) -> None:
        ledger = file.open(settings=settings)
        added(ledger)
        with pytest.raises(Refused, match="the consent of another than ann"):
            ledger.commit(Approve("heron", "ann", Event.ENFORCE))

    def test_who_gives_it_does_not_make_the_move(self, file: Place, settings: Settings) -> None:
        ledger = file.open(settings=settings)
        added(ledger)
        ledger.commit(Approve("heron", "bob", Event.ENFORCE))
        with pytest.raises(Refused, match="neither ann nor bob"):
            ledger.commit(Move("heron", "bob", Event.ENFORCE))
        ledger.commit(Move("heron", "ann", Event.ENFORCE))
        assert ledger.request("heron").state is State.ENFORCED

    def test_it_holds_for_one_move_and_its_share(self, file: Place, settings: Settings) -> None:
        ledger = file.open(settings=settings)
        added(ledger)
        ledger.commit(Approve("heron", "bob", Event.ENFORCE, share=0.5))
        with pytest.raises(Refused, match=r"found that to a share of 0\.5"):
            ledger.commit(Move("heron", "ann", Event.ENFORCE))
        ledger.commit(Move("heron", "ann", Event.ENFORCE, share=0.1))
        ledger.commit(Move("heron", "ann", Event.ENFORCE, share=0.5))
        with pytest.raises(Refused, match="consent to `restore`"):
            ledger.commit(Move("heron", "ann", Event.RESTORE))

    def test_it_is_spent_by_another_move(self, file: Place, settings: Settings) -> None:
        ledger = file.open(settings=settings)
        added(ledger)
        ledger.commit(Approve("heron", "bob", Event.ENFORCE), Move("heron", "ann", Event.ENFORCE))
        ledger.commit(Move("heron", "ann", Event.MONITOR))
        with pytest.raises(Refused, match="found that of nobody"):
            ledger.commit(Move("heron", "ann", Event.ENFORCE))


class TestQuotas:
    def test_open_requests(self, file: Place) -> None:
        ledger = file.open(settings=Settings(most_open=2))
        added(ledger, "a")
        added(ledger, "b")
        added(ledger, "c", "bob")
        with pytest.raises(Refused, match="at most 2 open requests of ann, found 2"):
            added(ledger, "d")
        ledger.commit(Move("a", "ann", Event.RESTORE))
        added(ledger, "d")
        assert len(ledger.requests()) == 4

    def test_texts_within_a_day(self, place: Place) -> None:
        ledger = place.open(settings=Settings(texts_a_day=3))
        ledger.commit(Add(entry("a", passages=("x " * 9,) * 2), "ann"))
        place.clock.pass_by(hours=23)
        with pytest.raises(Refused, match="at most 3 texts of ann within a day, found 2 and 2 more"):
            ledger.commit(Add(entry("b", passages=("x " * 9,) * 2), "ann"))
        ledger.commit(Add(entry("b"), "ann"))
        place.clock.pass_by(hours=1)
        place.open().commit(Add(entry("c", passages=("x " * 9,) * 2), "ann"))
        assert len(ledger.requests()) == 3

    def test_they_count_within_one_commit(self, file: Place) -> None:
        ledger = file.open(settings=Settings(most_open=2))
        with pytest.raises(Refused, match="at most 2 open requests"):
            ledger.commit(*(Add(entry(name), "ann") for name in "abc"))
        assert ledger.requests() == ()


def test_an_id_is_given_once(file: Place) -> None:
    ledger = file.open()
    added(ledger)
    ledger.commit(Move("heron", "ann", Event.RESTORE))
    with pytest.raises(Refused, match="expected an id that no request has had"):
        ledger.commit(Add(entry(), "ann"))


def test_what_is_past_is_not_added(file: Place) -> None:
    with pytest.raises(Refused, match="expected an `until` in the future"):
        file.open().commit(Add(entry(end=START - timedelta(days=1)), "ann"))


def test_notes_are_of_so_many_kinds(file: Place) -> None:
    ledger = file.open()
    added(ledger)
    ledger.commit(*(Note("heron", "bob", f"kind-{number}", {}) for number in range(256)))
    ledger.commit(Note("heron", "bob", "kind-0", {"n": 1}))
    with pytest.raises(Refused, match="at most 256 kinds"):
        ledger.commit(Note("heron", "bob", "another", {}))


def test_a_record_is_bounded(file: Place) -> None:
    ledger = file.open()
    with pytest.raises(Refused, match="record of at most 65536 bytes"):
        ledger.commit(Add(entry(models=("m" * 100,) * 1000), "ann"))
    assert ledger.requests() == ()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Add(entry("a b"), "ann"), "request: expected 1 to 128 letters"),
        (lambda: Add(entry(), "Ann Smith"), "actor: expected 1 to 128 letters"),
        (lambda: Add(entry(), "ann", why="x" * 201), "why: expected at most 200 printable"),
        (lambda: Add(entry(), "ann", why="line\nbreak"), "why: expected at most 200 printable"),
        (lambda: Add(entry(), "ann", source=Kept.REFERENCE), "expected a reference"),
        (lambda: Add(entry(), "ann", reference="s3://x"), "expected a reference"),
        (lambda: Move("heron", "ann", Event.ADD), "expected one of stage, monitor"),
        (lambda: Move("heron", "ann", Event.ENFORCE, share=0), "share: expected a number above 0"),
        (lambda: Move("heron", "ann", Event.ENFORCE, share=float("nan")), "share: expected a number"),
        (lambda: Move("heron", "ann", Event.MONITOR, share=0.5), "share: expected one with `enforce`"),
        (lambda: Note("heron", "ann", "k", {"said": "a whole sentence"}), "said: expected 1 to 128"),
        (lambda: Note("heron", "ann", "k", {str(n): n for n in range(33)}), "at most 32 figures"),
        (lambda: Settings(frozenset({Event.ADD})), "expected moves"),
        (lambda: Settings(most_open=0), "most_open: expected a number of at least 1"),
    ],
)
def test_an_act_that_makes_no_sense_is_none(act: object, said: str) -> None:
    assert callable(act)
    with pytest.raises(Refused, match=said):
        act()


@pytest.mark.parametrize(
    "act",
    [
        Attach("crane", "ann", Part.EXACT, b""),
        Move("crane", "ann", Event.ENFORCE),
        Approve("crane", "ann", Event.ENFORCE),
        Note("crane", "ann", "k", {}),
    ],
    ids=lambda act: type(act).__name__,
)
def test_nothing_is_done_about_a_request_that_is_not_there(file: Place, act: Act) -> None:
    with pytest.raises(Refused, match="crane: expected a request of this ledger, found none; add it first"):
        file.open().commit(act)
