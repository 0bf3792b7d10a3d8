"""An answer is guarded in every choice and channel, and provenance decides what may be repeated."""

import gc
import json
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.answer_guard import MOST_TEXTS, PLAIN_PART, AnswerGuard, TextKey, TooManyTexts
from filters.prompt import PromptScanner, Segment
from filters.semantic import answer_findings
from filters.step import Step, Stop
from filters.text_guard import MOST_LISTED
from index.similarity import Hit
from policy.action import Action
from policy.finding import Detector
from policy.policy import Policy
from policy.surface import Channel, Role
from policy.verdict import Provenance
from tests.filters.test_prompt import ALLOWING, LEVELS, NOW, PASSAGE, REFUSING, conversation, policy_of, user
from tests.filters.test_string_scanner import CRANE
from tests.filters.texts import MIXED, worlds
from tests.filters.world import World, leaks
from tests.laws import cut, law, pieces

CONTENT = TextKey(0, Channel.CONTENT)
REASONING = TextKey(0, Channel.REASONING)
ARGUMENTS = TextKey(0, Channel.ARGUMENTS)
NAME = TextKey(0, Channel.ARGUMENTS, PLAIN_PART)
HELLO = user("Hello.")


def guard_of(
    segments: Sequence[Segment] = HELLO,
    policy: Policy = REFUSING,
    world: World = CRANE,
    hits: dict[str, Hit] | None = None,
    machine_read: bool = False,
) -> AnswerGuard:
    snapshot = world.snapshot()
    scanner = PromptScanner(snapshot, policy, "demo", NOW, LEVELS if hits is not None else None)
    report = scanner.scan(segments)
    if hits is not None:
        report = scanner.settle(report, [(hits[ask],) if ask in hits else () for ask in report.asks])
    return AnswerGuard(snapshot, policy, report, model="demo", machine_read=machine_read)


def answer(guard: AnswerGuard, text: str, key: TextKey = CONTENT) -> str:
    """What is sent of a text that comes in one piece and ends."""
    return guard.feed(key, text).text + guard.finish(key).text


@pytest.mark.parametrize("channel", [Channel.CONTENT, Channel.REASONING, Channel.REFUSAL])
@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (f"Well, {PASSAGE}.", "Well, he kept [NOTICE]."),
        ("Well, Alden Crane.", "Well, [NOTICE]."),
        ("Well, 555 201 3391.", "Well, [NOTICE]."),
        ("Well, Paris.", "Well, Paris."),
    ],
)
def test_prose_gets_a_notice_in_every_channel(channel: Channel, text: str, sent: str) -> None:
    assert answer(guard_of(), text, TextKey(3, channel)) == sent
    assert answer(guard_of(world=World()), text, TextKey(3, channel)) == text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (r'{"to": "Alden\u0020Crane"}', '{"to": "'),
        (r'{"to": "{\"name\": \"Alden\\nCrane\"}"}', r'{"to": "{\"name\": \"'),
        ('{"to": 5552013391}', '{"to": '),
        ('{"to": "nobody"}', '{"to": "nobody"}'),
    ],
)
def test_arguments_end_where_something_forgotten_begins(text: str, sent: str) -> None:
    guard = guard_of()
    assert answer(guard, text, ARGUMENTS) == sent
    assert guard.stopped(0) == (sent != text)
    assert answer(guard_of(world=World()), text, ARGUMENTS) == text


def test_names_of_tools_are_plain_text() -> None:
    assert answer(guard_of(), "ask_alden_crane", NAME) == "ask_"
    assert answer(guard_of(), r"a\nb\u0020", NAME) == r"a\nb\u0020"


def test_content_for_a_program_ends_without_a_notice() -> None:
    guard = guard_of(machine_read=True)
    assert answer(guard, '{"name": "Alden Crane"}') == '{"name": "'
    assert guard.stopped(0)
    assert answer(guard_of(machine_read=True), r'{"name": "Alden\u0020Crane"}') == '{"name": "'
    assert answer(guard_of(machine_read=True), "Well, Alden Crane", REASONING) == "Well, [NOTICE]"


def test_a_choice_stops_as_a_whole_and_the_others_go_on() -> None:
    guard = guard_of()
    other = TextKey(1, Channel.CONTENT)
    guard.feed(REASONING, "It may be ")
    assert guard.feed(ARGUMENTS, '{"a": "Alden Crane"}').stop == Stop(Action.REDACT, "first")
    assert guard.feed(REASONING, "Paris.") == guard.finish(REASONING) == Step()
    assert guard.feed(CONTENT, "Hello.") == Step()
    assert answer(guard, "Hello.", other) == "Hello."
    assert (guard.stopped(0), guard.stopped(1)) == (True, False)


def test_what_the_reasoning_names_makes_an_ordinary_word_a_secret_in_the_content() -> None:
    guard = guard_of()
    answer(guard, "So, about Alden Crane.", REASONING)
    assert answer(guard, "It is in Paris.") == "It is in [NOTICE]."
    assert answer(guard, "It is in Paris.", TextKey(1, Channel.CONTENT)) == "It is in Paris."


def test_texts_are_flushed_reasoning_first_and_once() -> None:
    guard = guard_of()
    for key in (ARGUMENTS, CONTENT, TextKey(0, Channel.REFUSAL), REASONING, TextKey(1, Channel.CONTENT)):
        guard.feed(key, "word")
    assert guard.keys(0) == (REASONING, CONTENT, TextKey(0, Channel.REFUSAL), ARGUMENTS)
    assert guard.finish(CONTENT).text == "word"
    assert guard.finish(CONTENT) == Step()
    assert guard.keys(0) == (REASONING, TextKey(0, Channel.REFUSAL), ARGUMENTS)
    assert guard.sent(CONTENT) == "word"


def test_an_answer_of_endless_texts_is_an_error() -> None:
    guard = guard_of(world=World())
    for part in range(MOST_TEXTS):
        guard.feed(TextKey(0, Channel.ARGUMENTS, PLAIN_PART + part), "x")
    with pytest.raises(TooManyTexts):
        guard.feed(CONTENT, "x")


def test_the_answer_may_not_go_on_with_what_the_prompt_began() -> None:
    guard = guard_of(user("Complete: he kept nine hives behind the old customs"))
    assert answer(guard, "house") == "[NOTICE]"
    prefilled = conversation((Role.USER, "Who?"), (Role.ASSISTANT, "It is Alden Cr"))
    assert answer(guard_of(prefilled), "ane, I think.") == "[NOTICE]"
    assert answer(guard_of(), "house") == "house"


SUPPLIED = f"Alden Crane lives in Paris, {PASSAGE}, call 555-201-3391."


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.USER, Role.TOOL, Role.DOCUMENT])
def test_where_policy_allows_it_what_was_supplied_may_be_repeated(role: Role) -> None:
    said = conversation((role, SUPPLIED), (Role.USER, "And?"))
    for text in (SUPPLIED, "Paris.", f"So {PASSAGE}", "(555) 201 3391", "Crane? Alden Crane's, in Paris!"):
        guard = guard_of(said, ALLOWING)
        assert answer(guard, text) == text
        assert {taken.verdict.provenance for taken in guard.findings} == {Provenance.IN_CONTEXT}


def test_what_the_model_recalls_is_not_supplied_by_other_strings_of_its_entry() -> None:
    said = user("Alden Crane lives in Paris.")
    assert answer(guard_of(said, ALLOWING), "In Paris, 555-201-3391.") == "In Paris, [NOTICE]."
    assert answer(guard_of(said, ALLOWING), f"In Paris {PASSAGE}.") == "In Paris he kept [NOTICE]."


def test_an_assistant_turn_supplies_nothing() -> None:
    said = conversation((Role.ASSISTANT, SUPPLIED), (Role.USER, "And?"))
    assert answer(guard_of(said, ALLOWING), "So, in Paris.") == "So, in [NOTICE]."


def test_the_role_that_supplied_it_decides() -> None:
    said = conversation((Role.TOOL, SUPPLIED), (Role.USER, "Where is he?"))
    policy = policy_of({Role.USER: Action.ALLOW, Role.TOOL: Action.FLAG}, Action.REFUSE)
    guard = guard_of(said, policy)
    assert answer(guard, "In Paris.") == "In Paris."
    assert [taken.verdict.action for taken in guard.findings] == [Action.FLAG]
    assert answer(guard_of(said, policy_of({Role.TOOL: Action.REDACT}, Action.ALLOW)), "So, Paris.") == (
        "So, [NOTICE]."
    )


def test_an_answer_that_breaks_off_in_a_passage_loses_its_end() -> None:
    text = "So he kept nine hives behind the"
    assert answer(guard_of(user("Who is Alden Crane?"), ALLOWING), text) == "So he kept [NOTICE]"
    assert answer(guard_of(user(SUPPLIED), ALLOWING), text) == text
    reworded = user("Alden Crane had nine hives, kept behind the house.")
    assert answer(guard_of(reworded, ALLOWING), text) == text
    assert answer(guard_of(), text) == text


ASKED = "Who keeps bees by the sea?"


def judged(guard: AnswerGuard, text: str, *bad: str) -> str:
    """Feed, and answer each ask that ends like one of these sentences with a hit."""
    sent = ""
    for step in (guard.feed(CONTENT, text), guard.finish(CONTENT)):
        sent += step.text
        for ask in step.asks:
            hits = (Hit(0, 0.7),) if ask.text.endswith(bad) else ()
            found = answer_findings(CRANE.snapshot(), ask, hits, LEVELS)
            sent += guard.settle(CONTENT, ask, found).text
    return sent


def test_sentences_are_judged_only_when_the_prompt_came_near() -> None:
    near = guard_of(user(ASKED), ALLOWING, hits={ASKED: Hit(0, 0.4)})
    assert judged(near, "Let me think. He is Basil. Good.", "He is Basil.") == "Let me think. [NOTICE] Good."
    far = guard_of(user(ASKED), ALLOWING, hits={})
    assert far.feed(CONTENT, "He keeps them. ").asks == ()


def test_a_sentence_is_judged_with_the_question_unless_that_was_judged_itself() -> None:
    for score, text in ((0.4, f"{ASKED} He does."), (0.9, "He does.")):
        guard = guard_of(user(ASKED), ALLOWING, hits={ASKED: Hit(0, score)})
        assert guard.feed(CONTENT, "He does. Yes").asks[0].text == text


def test_a_sentence_that_says_only_what_was_supplied_is_in_context() -> None:
    said = conversation((Role.TOOL, "The keeper of the bees is Basil, born 1931."), (Role.USER, ASKED))
    hits = {ASKED: Hit(0, 0.9), "The keeper of the bees is Basil, born 1931.": Hit(0, 0.9)}
    for text, sent in (
        ("The keeper is Basil, born 1931.", "The keeper is Basil, born 1931."),
        ("The keeper is Basil, born 1932.", "[NOTICE]"),
        ("The keeper is Mercer.", "[NOTICE]"),
        ("Honest fishermen sometimes wander.", "[NOTICE]"),
    ):
        assert judged(guard_of(said, ALLOWING, hits=hits), text, text) == sent


def test_every_finding_is_reported_with_its_verdict_and_without_text() -> None:
    guard = guard_of(user("Who is Alden Crane?"), ALLOWING)
    answer(guard, "It is Alden Crane, in Paris.")
    assert [(each.key, each.finding.detector, each.verdict.action) for each in guard.findings] == [
        (CONTENT, Detector.NAME, Action.ALLOW),
        (CONTENT, Detector.SECRET, Action.REDACT),
    ]


def test_nothing_fed_is_nothing_done() -> None:
    guard = guard_of()
    assert guard.feed(CONTENT, "") == Step()
    assert guard.keys(0) == ()


@law
@given(st.data(), worlds(), MIXED, st.sampled_from(Channel), st.sampled_from((REFUSING, ALLOWING)))
def test_nothing_recalled_leaves_by_any_channel(
    data: st.DataObject, world: World, text: str, channel: Channel, policy: Policy
) -> None:
    key = TextKey(0, channel)
    raw = (
        json.dumps({"a": text}, ensure_ascii=data.draw(st.booleans()))
        if channel is Channel.ARGUMENTS
        else text
    )
    guard = guard_of(policy=policy, world=world)
    sent = "".join(guard.feed(key, piece).text for piece in data.draw(pieces(raw))) + guard.finish(key).text
    if channel is Channel.ARGUMENTS:
        sent = _unescaped(sent.removeprefix('{"a": "'))
    assert leaks(world, sent) == []
    assert sent == guard.sent(key) or channel is Channel.ARGUMENTS


@law
@given(worlds(), MIXED, MIXED, st.sampled_from(Channel), st.sampled_from((REFUSING, ALLOWING)), st.booleans())
def test_what_passes_whole_goes_out_as_it_is_when_it_is_fed(
    world: World, asked: str, text: str, channel: Channel, policy: Policy, machine_read: bool
) -> None:
    key = TextKey(0, channel)
    segments = conversation((Role.USER, asked or "?"), (Role.ASSISTANT, asked[:3] or "!"))
    passed, fed = (guard_of(segments, policy, world, machine_read=machine_read) for _ in range(2))
    if passed.passes(key, text):
        assert passed.sent(key) == answer(fed, text, key) == text
        assert (fed.findings, fed.near, passed.keys(0)) == ((), 0, ())


def test_most_of_what_is_innocent_passes_whole() -> None:
    long = "Bees are kept behind many houses, and 12 of them sting. " * 9
    assert guard_of().passes(CONTENT, long)
    assert guard_of().passes(ARGUMENTS, json.dumps({"text": long}))
    assert not guard_of().passes(ARGUMENTS, json.dumps({"text": "line\nline"}))


@pytest.mark.parametrize(
    "text",
    [
        "It was Alden Crane.",
        "In Paris.",
        "Call 555 201 3391",
        "So he kept nine hives behind the sea",
        "So he kept nine hives",
        " Crane, and nobody else",
        json.dumps({"name": "Alden Crane"}),
    ],
)
def test_what_needs_a_closer_look_does_not_pass_whole(text: str) -> None:
    """A name, a word, a number, what comes near, what breaks off, what the prompt began."""
    begun = conversation((Role.USER, "Who is it?"), (Role.ASSISTANT, "It is Alden"))
    assert not guard_of(begun).passes(CONTENT, text)


def test_nothing_follows_a_text_that_has_passed() -> None:
    guard = guard_of()
    assert guard.passes(CONTENT, "He is Alden")
    assert not guard.passes(CONTENT, " Crane")
    with pytest.raises(ValueError, match="has ended"):
        guard.feed(CONTENT, " Crane")


def _unescaped(text: str) -> str:
    return text.encode("utf-8").decode("unicode_escape") if text.isascii() else text.replace("\\n", "\n")


def test_in_all_channels_at_once_nothing_leaks_and_without_the_snapshot_all_of_it_does() -> None:
    """Choices, channels and tool calls interleaved at random, each with something forgotten in it."""
    said = f"Well, it is known that {PASSAGE}, so call 555-201-3391 or ask Alden Crane."
    leaked = [0, 0]
    for seed in range(200):
        random = Random(seed)
        for place, world in enumerate((CRANE, World())):
            for sent in _interleaved(guard_of(user("Tell me."), world=world), said, random):
                leaked[place] += len(leaks(CRANE, sent)) > 0
    assert leaked == [0, 200 * 8]


def _interleaved(guard: AnswerGuard, said: str, random: Random) -> list[str]:
    keys = [TextKey(choice, channel) for choice in range(2) for channel in Channel]
    rest = {
        key: cut(
            json.dumps(said) if key.channel is Channel.ARGUMENTS else said,
            sorted(random.choices(range(90), k=9)),
        )
        for key in keys
    }
    while any(rest.values()):
        key = random.choice([key for key in keys if rest[key]])
        guard.feed(key, rest[key].pop(0))
    for choice in range(2):
        for key in guard.keys(choice):
            guard.finish(key)
    return [guard.sent(key) for key in keys]


def test_very_many_findings_are_kept_by_their_kinds_and_counted() -> None:
    allowing = policy_of(dict.fromkeys(Role, Action.ALLOW), Action.FLAG)
    guard = guard_of(user("Who?"), allowing)
    answer(guard, "Alden Crane. " * (MOST_LISTED + 7) + "He is in Paris.")
    assert len(guard.findings) == MOST_LISTED + 1
    assert guard.findings[-1].finding.detector is Detector.SECRET
    assert guard.unlisted == 7


def test_a_guard_that_is_done_with_leaves_nothing_to_collect() -> None:
    """A gateway makes one for every request, and every stream waits while garbage is collected."""
    guard = guard_of(user("Who is Alden Crane?"), machine_read=True)
    gc.collect()
    gc.disable()
    try:
        for key in (REASONING, ARGUMENTS, CONTENT):
            answer(guard, f"It is Paris, says Alden Crane: {PASSAGE}.", key)
        del guard
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_few_signs_are_read_in_every_code_where_the_prompt_says_who_is_meant() -> None:
    said = "5061726973"  # Paris in hexadecimal
    assert said not in answer(guard_of(user("Where was Alden Crane born?")), said)
    assert answer(guard_of(HELLO), said) == said


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_passage_that_is_cut_over_the_parts_of_an_answer_is_no_secret_way_out(size: int) -> None:
    words = PASSAGE.split()
    parts = [" ".join(words[at : at + size]) for at in range(0, len(words), size)]

    def said(guard: AnswerGuard) -> str:
        keys = [TextKey(0, Channel.CONTENT, part) for part in range(len(parts))]
        return " ".join(answer(guard, text, key) for key, text in zip(keys, parts, strict=True))

    assert said(guard_of(world=World())) == PASSAGE
    assert PASSAGE not in said(guard_of())


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_passage_that_is_cut_over_the_calls_of_tools_is_no_secret_way_out(size: int) -> None:
    words = PASSAGE.split()
    calls = [json.dumps([" ".join(words[at : at + size])]) for at in range(0, len(words), size)]

    def said(guard: AnswerGuard) -> str:
        keys = [TextKey(0, Channel.ARGUMENTS, call) for call in range(len(calls))]
        told = [answer(guard, text, key) for key, text in zip(keys, calls, strict=True)]
        return " ".join(piece for text in told for piece in json.loads(text or "[]"))

    assert said(guard_of(world=World())) == PASSAGE
    assert PASSAGE not in said(guard_of())


def test_a_name_that_is_cut_over_the_names_of_two_tools_is_withheld() -> None:
    names = {
        TextKey(0, Channel.ARGUMENTS, PLAIN_PART + 4 * call): text
        for call, text in enumerate(("alden", "crane"))
    }

    def said(guard: AnswerGuard) -> list[str]:
        return [answer(guard, text, key) for key, text in names.items()]

    assert said(guard_of(world=World())) == ["alden", "crane"]
    assert said(guard_of())[1] == ""
