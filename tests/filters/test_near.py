"""What comes near a passage is counted once, in prompts and answers, and is a hit where that is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner
from filters.segment import Segment
from index.units import units
from policy.action import Action
from policy.policy import Policy
from policy.surface import Channel, Role
from tests.filters.test_prompt import ALLOWING, NOW, REDACTING, REFUSING, conversation, policy_of, user
from tests.filters.texts import TEXTS
from tests.filters.world import World
from tests.laws import law, pieces

Places = frozenset[int]

ANSWER_ALLOWED = policy_of(dict.fromkeys(Role, Action.ALLOW), Action.ALLOW)
CONTENT = TextKey(0, Channel.CONTENT)
PASSAGE = "one two three four five six seven eight nine ten"
WORLD = World(((0, PASSAGE),))
WORLDS = st.builds(
    World,
    st.lists(
        st.tuples(st.integers(0, 1), st.text("ab", min_size=4, max_size=12).map(" ".join)), max_size=3
    ).map(tuple),
    window=st.integers(4, 8),
    reveal=st.integers(0, 4),
    models=st.sampled_from(({}, {0: ("other-*",)})),
)
TALKS = st.lists(st.tuples(st.sampled_from((Role.USER, Role.ASSISTANT)), TEXTS), max_size=4)


def scan(
    segments: Sequence[Segment], world: World = WORLD, policy: Policy = REFUSING, *, near_is_hit: bool = False
) -> PromptReport:
    return PromptScanner(world.snapshot(), policy, "demo", NOW, near_is_hit=near_is_hit).scan(segments)


def guard_of(
    world: World = WORLD,
    policy: Policy = REFUSING,
    said: Sequence[Segment] = (),
    *,
    near_is_hit: bool = False,
    machine_read: bool = False,
) -> AnswerGuard:
    snapshot = world.snapshot()
    report = PromptScanner(snapshot, policy, "demo", NOW, near_is_hit=near_is_hit).scan(said)
    return AnswerGuard(
        snapshot,
        policy,
        report,
        model="demo",
        near_is_hit=near_is_hit,
        machine_read=machine_read,
    )


def answer(guard: AnswerGuard, given_pieces: Sequence[str], key: TextKey = CONTENT) -> str:
    return "".join(guard.feed(key, piece).text for piece in given_pieces) + guard.finish(key).text


def brute(world: World, segments: Sequence[Segment]) -> int:
    """Pieces that share a unit are one; those without a whole window count."""
    said = [(segment.role, unit.text) for segment in segments for unit in units(segment.text)]
    every = {window for _, window in world.windows()}
    whole = {window for entry, window in world.windows() if entry not in world.models}
    near = {window[: max(4, len(window) - 2)] for window in whole if len(window) > 4}
    # What goes on with a window for one more unit came near with that, too: with any, whose ever it is.
    near |= {
        window[: size + 1]
        for window in every
        for size in map(len, near)
        if window[:size] in near and size + 1 < len(window)
    }
    views = [list(range(len(said)))]
    views += [[place for place, (speaker, _) in enumerate(said) if speaker is role] for role in Role]
    found = {(places, True) for view in views for places in _standing(said, view, near)}
    found |= {(places, False) for view in views for places in _standing(said, view, whole)}
    groups: list[tuple[Places, bool]] = []
    for places, is_near in found:
        touched = [group for group in groups if group[0] & places]
        groups = [group for group in groups if not group[0] & places]
        groups.append((places.union(*(each for each, _ in touched)), is_near and all(n for _, n in touched)))
    return sum(is_near for _, is_near in groups)


def _standing(
    said: Sequence[tuple[Role, str]], view: Sequence[int], patterns: set[tuple[str, ...]]
) -> Iterator[Places]:
    for pattern in patterns:
        for start in range(len(view) - len(pattern) + 1):
            places = view[start : start + len(pattern)]
            if tuple(said[place][1] for place in places) == pattern:
                yield frozenset(places)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("one two three four five", 0),
        ("one two three four five six", 1),
        ("one two three four five six seven, is it?", 1),
        ("One, two! THREE (four) five-six seven", 1),
        ("two three four five six seven. And one two three four five six?", 2),
        ("one two three four five six seven eight", 0),
        ("two three four five six seven eight nine x", 0),
        ("one two three four five six seven eight x two three four five six seven", 1),
        ("one two three four x five six", 0),
    ],
)
def test_a_run_that_comes_near_is_counted_once_and_a_hit_is_none(text: str, near: int) -> None:
    report = scan(user(text))
    assert report.near == near
    guard = guard_of(policy=ANSWER_ALLOWED)
    assert answer(guard, [text]) == text
    assert guard.near == near
    assert scan(user(text), World()).near == 0


def test_a_run_counts_over_the_ends_of_messages_and_over_the_other_role() -> None:
    said = [(Role.USER, "one two three four"), (Role.ASSISTANT, "Go on."), (Role.USER, "five six seven?")]
    assert scan(conversation(*said)).near == 1
    assert scan(user("one two three four", "five six seven?")).near == 1
    assert scan(conversation(*said[:2])).near == scan(conversation(said[2])).near == 0
    whole = [*said[:2], (Role.USER, "five six seven eight")]
    assert scan(conversation(*whole)).near == 0


def test_a_short_passage_comes_near_at_four_of_five() -> None:
    world = World(((0, "north of the old mill"), (1, "just four little words")))
    assert scan(user("north of the old bridge"), world).near == 1
    assert scan(user("just four little things"), world).near == 0


def test_a_near_hit_is_a_finding_where_that_is_asked_for() -> None:
    said = user("Is it one two three four five six seven, then?")
    assert (scan(said).findings, scan(said).action) == ((), Action.ALLOW)
    report = scan(said, policy=REDACTING, near_is_hit=True)
    assert [text for _, text in report.redacted()] == ["Is it [removed], then?"]
    assert (report.near, report.active, report.evidence[0].windows) == (1, frozenset({0}), 0)
    assert scan(said, near_is_hit=True).action is Action.REFUSE


def test_an_unfinished_last_window_is_found_to_its_last_unit() -> None:
    said = user("three four five six seven eight nine or so")
    assert [text for _, text in scan(said, policy=REDACTING, near_is_hit=True).redacted()] == [
        "[removed] or so"
    ]
    guard = guard_of(near_is_hit=True)
    assert (
        answer(guard, ["So three four five six seven eight nine", " or so"]) == "So three four [NOTICE] or so"
    )


def test_in_an_answer_a_near_hit_is_withheld_as_a_window_is() -> None:
    text = "It is one two three four five six, and so on."
    for given_pieces in ([text], list(text)):
        guard = guard_of(near_is_hit=True)
        assert answer(guard, given_pieces) == "It is one two [NOTICE], and so on."
        assert guard.near == 0
        assert answer(guard_of(), given_pieces) == text


def test_a_near_hit_that_was_supplied_may_be_repeated_where_policy_allows_it() -> None:
    text = "So one two three four five six it is."
    for said in (PASSAGE, "one two three four five six?"):
        assert answer(guard_of(policy=ALLOWING, said=user(said), near_is_hit=True), [text]) == text
    assert answer(guard_of(policy=ALLOWING, near_is_hit=True), [text]) == "So one two [NOTICE] it is."


def test_what_an_answer_withholds_is_not_counted() -> None:
    guard = guard_of()
    answer(guard, ["So one two three four five six seven eight. And two three four five six seven. Yes"])
    assert guard.near == 1
    stopped = guard_of()
    twice = f"So {PASSAGE}. Well, {PASSAGE}. two three four five six seven."
    answer(stopped, [twice])
    assert (stopped.stopped(0), stopped.near) == (True, 0)


def test_an_answer_that_goes_on_with_the_prompt_is_counted() -> None:
    guard = guard_of(said=user("one two three four"))
    answer(guard, ["five six. Or so"])
    assert guard.near == 1
    before = guard_of(said=user("one two three four five six x"))
    answer(before, ["seven"])
    assert before.near == 0


def test_in_json_a_run_is_counted_once() -> None:
    arguments = TextKey(0, Channel.ARGUMENTS)
    for key, machine_read in ((arguments, False), (CONTENT, True)):
        guard = guard_of(machine_read=machine_read)
        text = r'{"a": "\u006fne two\nthree four five six x", "b": "two three four five six seven"}'
        assert answer(guard, list(text), key) == text
        assert guard.near == 2


@law
@example(
    World(((0, "a b a b b a"), (1, "a b a b a a a")), window=6, models={0: ("other-*",)}),
    [(Role.USER, "a b a b b a b a")],
)
@given(WORLDS, TALKS)
def test_a_prompt_comes_near_as_often_as_brute_force_says(world: World, said: list[tuple[Role, str]]) -> None:
    """As it stands: a text that reads as another one as well may come near in both."""
    as_it_stands = replace(REFUSING, views=None)
    assert scan(conversation(*said), world, policy=as_it_stands).near == brute(world, conversation(*said))


@law
@given(st.data(), WORLDS, TEXTS)
def test_an_answer_comes_near_as_often_as_brute_force_says(
    data: st.DataObject, world: World, text: str
) -> None:
    guard = guard_of(world, ANSWER_ALLOWED)
    assert answer(guard, data.draw(pieces(text))) == text
    assert guard.near == brute(world, user(text))


@law
@given(st.data(), WORLDS, TEXTS)
def test_where_a_near_hit_is_a_hit_none_is_sent(data: st.DataObject, world: World, text: str) -> None:
    guard = guard_of(world, near_is_hit=True)
    sent = answer(guard, data.draw(pieces(text)))
    assert brute(world, user(sent)) == 0
    if sent == text:
        assert scan(user(text), world, near_is_hit=True).findings == ()
