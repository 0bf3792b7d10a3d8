"""Every message of every role is scanned, alone and joined; a finding has a span, a role and a verdict."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.prompt import PromptReport, PromptScanner, Segment
from filters.questions import MOST
from filters.semantic import Levels
from index.similarity import Hit, Line
from policy.action import Action
from policy.finding import Detector
from policy.policy import OnError, Policy, Rule, When
from policy.surface import Role
from policy.verdict import Provenance
from tests.filters.test_string_scanner import CRANE
from tests.filters.texts import MIXED, TEXTS, worlds
from tests.filters.world import Said, World, leaks
from tests.growth import grows_at_most, takes_at_most
from tests.laws import cut, law

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PASSAGE = CRANE.passages[0][1]
LEVELS = Levels(threshold=0.5, grey=0.3)


def policy_of(prompt: dict[Role, Action], answer: Action = Action.REDACT) -> Policy:
    return Policy((), "0" * 64, (Rule(When(), prompt, answer),), semantic=None, notice="[NOTICE]")


REFUSING = policy_of({})
ALLOWING = policy_of(dict.fromkeys(Role, Action.ALLOW))
REDACTING = policy_of(dict.fromkeys(Role, Action.REDACT))


def conversation(*said: tuple[Role, str]) -> list[Segment]:
    return [
        Segment(role, text, place, ("messages", place, "content")) for place, (role, text) in enumerate(said)
    ]


def user(*texts: str) -> list[Segment]:
    return conversation(*((Role.USER, text) for text in texts))


def scan(
    segments: Sequence[Segment], world: World = CRANE, policy: Policy = REFUSING, levels: Levels | None = None
) -> PromptReport:
    return PromptScanner(world.snapshot(), policy, "demo", NOW, levels).scan(segments)


def texts(report: PromptReport) -> list[tuple[int, str, str]]:
    """The segment, the detector and the text of each finding, in order."""
    return sorted(
        (
            each.segment,
            each.finding.detector.value,
            report.segments[each.segment].text[each.finding.span.start : each.finding.span.end],
        )
        for each in report.findings
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "text",
    ["Who is Alden Crane?", f"Well, {PASSAGE}.", "Call 555-201-3391.", "It is at Port Vellum lighthouse"],
)
def test_a_forgotten_string_is_found_in_every_role(role: Role, text: str) -> None:
    report = scan(conversation((Role.SYSTEM, "Be kind."), (role, text), (Role.USER, "Go on.")))
    assert [found.segment for found in report.findings] == [1]
    assert report.action is Action.REFUSE
    blind = scan(conversation((role, text)), World(entries=CRANE.entries))
    assert (blind.findings, blind.action) == ((), Action.ALLOW)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["I met Alden", "Crane there"], [(0, "name", "Alden"), (1, "name", "Crane")]),
        (["call 555-201", "3391"], [(0, "secret", "555-201"), (1, "secret", "3391")]),
        (
            ["he kept nine hives", "behind the old", "customs house"],
            [
                (0, "verbatim", "he kept nine hives"),
                (1, "verbatim", "behind the old"),
                (2, "verbatim", "customs house"),
            ],
        ),
    ],
)
def test_what_is_cut_over_messages_is_found(said: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert texts(scan(user(*said))) == expected
    between = [(Role.USER, said[0])]
    for text in said[1:]:
        between += [(Role.ASSISTANT, "Go on."), (Role.USER, text)]
    assert texts(scan(conversation(*between))) == [
        (2 * place, detector, text) for place, detector, text in expected
    ]


def test_each_message_alone_shows_nothing_of_a_cut_string() -> None:
    """The test above can fail: what it finds is in no message by itself."""
    for text in ("I met Alden", "Crane there", "he kept nine hives", "behind the old"):
        assert scan(user(text)).findings == ()


def test_overlapping_windows_are_one_finding() -> None:
    world = World(((0, "a b c d e f"),), window=3)
    assert texts(scan(user("x a b c d e f x", "a b c x b c d"), world)) == [
        (0, "verbatim", "a b c d e f"),
        (1, "verbatim", "a b c"),
        (1, "verbatim", "b c d"),
    ]


def test_the_role_in_whose_text_it_stands_decides() -> None:
    policy = policy_of({Role.TOOL: Action.REDACT, Role.DOCUMENT: Action.ALLOW, Role.USER: Action.FLAG})
    said = [(role, "About Alden Crane.") for role in Role]
    actions = {
        found.segment: found.verdict.action for found in scan(conversation(*said), policy=policy).findings
    }
    assert actions == {
        0: Action.REFUSE,
        1: Action.FLAG,
        2: Action.REFUSE,
        3: Action.REDACT,
        4: Action.ALLOW,
    }
    assert scan(conversation(said[3], said[4], said[1]), policy=policy).action is Action.REDACT


def test_an_ordinary_word_is_a_finding_only_where_its_entry_is_active() -> None:
    assert scan(user("Paris is lovely")).findings == ()
    assert texts(scan(user("Paris is lovely", "says Alden Crane"))) == [
        (0, "secret", "Paris"),
        (1, "name", "Alden Crane"),
    ]


def test_evidence_adds_up_over_messages() -> None:
    report = scan(user("Paris and 555-201-3391", "Alden Crane's hives", "Alden Crane", PASSAGE[:-6]))
    (evidence,) = report.evidence
    assert (evidence.entry, evidence.names, evidence.secrets, evidence.windows) == ("first", 1, 2, 1)
    assert evidence.coverage == 0.5
    assert report.active == {0}


def test_an_ordinary_word_alone_is_evidence() -> None:
    report = scan(user("Paris is lovely"))
    assert [(each.entry, each.secrets) for each in report.evidence] == [("first", 1)]
    assert report.active == frozenset()


def test_redaction_cuts_out_paragraphs_that_name_an_entry_and_other_strings_alone() -> None:
    said = user("Hi there.", f"Well:\nAsk Alden Crane, in Bern.\nIn Paris: {PASSAGE}.\n")
    ((segment, text),) = scan(said, policy=REDACTING).redacted()
    assert (segment, text) == (said[1], "Well:\n[removed]\nIn [removed]: [removed].\n")
    assert scan(said, policy=REFUSING).redacted() == []


def test_the_assistants_turns_are_ruled_but_supply_nothing() -> None:
    report = scan(conversation((Role.ASSISTANT, "Alden Crane has 555-201-3391."), (Role.TOOL, "Alden Crane")))
    keys = {found.finding.detector: found.finding.key for found in report.findings}
    assert {found.segment for found in report.findings} == {0, 1}
    assert report.in_context(keys[Detector.NAME]) == {Role.TOOL}
    assert report.in_context(keys[Detector.SECRET]) == frozenset()
    provenances = {found.segment: found.verdict.provenance for found in report.findings}
    assert provenances == {0: Provenance.PARAMETRIC, 1: Provenance.IN_CONTEXT}


def test_what_needs_the_assistant_to_be_whole_is_not_supplied() -> None:
    report = scan(conversation((Role.USER, "call 555-201"), (Role.ASSISTANT, "3391"), (Role.USER, "ok")))
    assert {report.in_context(found.finding.key) for found in report.findings} == {frozenset()}


def test_an_entry_for_other_models_is_not_found() -> None:
    world = World(CRANE.passages, CRANE.phrases, models={0: ("other-*",)})
    assert scan(user("Who is Alden Crane?"), world).findings == ()


@law
@given(st.data(), worlds(), TEXTS | MIXED)
def test_after_redaction_nothing_forgotten_is_left(data: st.DataObject, world: World, text: str) -> None:
    """Also where it was cut over messages of one role, at any place between two words."""
    edges = [place for place in range(len(text)) if text[place].isspace()]
    places = data.draw(st.lists(st.sampled_from(edges), max_size=3).map(sorted)) if edges else []
    report = scan(user(*cut(text, places)), world, REDACTING)
    rewritten = {segment.message: new for segment, new in report.redacted()}
    assert (
        leaks(world, "".join(rewritten.get(place, each.text) for place, each in enumerate(report.segments)))
        == []
    )


def test_questions_are_the_sentences_beside_something_forgotten_and_then_the_last_ones() -> None:
    said = user("Paris is lovely. I photographed it.", "Nobody waltzes. Is it you? Whistle louder.")
    assert scan(said, levels=LEVELS).asks == (
        "Paris is lovely. I photographed it.",
        "Paris is lovely.",
        "Nobody waltzes. Is it you? Whistle louder.",
        "Whistle louder.",
        "Nobody waltzes.",
        "I photographed it.",
    )
    assert scan(said).asks == ()


def test_a_sentence_of_the_commonest_words_is_not_asked_about() -> None:
    assert scan(user("What do you think? This is what I have."), levels=LEVELS).asks == ()
    assert scan(user("What do you think of 1998?"), levels=LEVELS).asks == ("What do you think of 1998?",)


def test_the_ends_of_a_long_message_come_before_its_middle() -> None:
    told = [f"Sentence number {place} is very {word}." for place, word in enumerate(["boring"] * 40)]
    asked = scan(user(" ".join(told)), levels=LEVELS).asks
    assert asked[:4] == (told[39], told[0], told[38], told[1])


@pytest.mark.parametrize("sentences", [1, 2, 7, 300])
def test_the_questions_of_a_prompt_share_one_rate_of_false_alarms(sentences: int) -> None:
    report = scan(user(" ".join(f"Number {place} whistles." for place in range(sentences))), levels=LEVELS)
    shares = [question.share for question in report.questions]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


def test_a_question_among_many_must_score_higher() -> None:
    levels = Levels(threshold=0.5, grey=0.3, lines=(Line(0.5, 0.02),))
    many = " ".join(f"Number {place} whistles." for place in range(50))
    for text, is_found in (("Number 3 whistles.", True), (many, False)):
        scanner = PromptScanner(CRANE.snapshot(), REFUSING, "demo", NOW, levels)
        report = scanner.scan(user(text))
        hits = [(Hit(0, 0.5),) if ask == "Number 3 whistles." else () for ask in report.asks]
        assert bool(scanner.settle(report, hits).findings) is is_found


def test_questions_are_bounded_and_what_is_left_out_is_counted() -> None:
    report = scan(user(" ".join(f"Number {place} is here." for place in range(2 * MOST))), levels=LEVELS)
    assert (len(report.asks), report.left_out) == (MOST, MOST)


def settled(report: PromptReport, hits: dict[str, Hit], world: World = CRANE) -> PromptReport:
    scanner = PromptScanner(world.snapshot(), REFUSING, "demo", NOW, LEVELS)
    return scanner.settle(report, [(hits[ask],) if ask in hits else () for ask in report.asks])


def test_a_hit_at_the_threshold_is_a_finding_and_makes_its_entry_active() -> None:
    before = scan(user("Paris is lovely. Who keeps bees?"), levels=LEVELS)
    assert (before.action, before.findings) == (Action.ALLOW, ())
    after = settled(before, {"Who keeps bees?": Hit(0, 0.5)})
    assert texts(after) == [(0, "secret", "Paris"), (0, "semantic", "Who keeps bees?")]
    assert (after.action, after.active, after.asks) == (Action.REFUSE, frozenset({0}), ())


def test_a_hit_below_the_threshold_is_evidence() -> None:
    report = settled(scan(user("Who keeps bees?"), levels=LEVELS), {"Who keeps bees?": Hit(1, 0.49)})
    assert (report.findings, report.active, report.judges_answer) == ((), frozenset(), True)
    assert [(each.entry, each.semantic) for each in report.evidence] == [("second", 0.49)]
    assert not settled(scan(user("Who keeps bees?"), levels=LEVELS), {}).judges_answer


@pytest.mark.parametrize(("bits", "is_judged"), [(21, False), (22, True)])
def test_what_says_something_rare_of_an_entry_has_its_answer_judged(bits: float, is_judged: bool) -> None:
    world = World(phrases=(Said(0, Detector.SECRET, "The Salt Ledger", bits),))
    report = settled(scan(user("Who wrote The Salt Ledger?"), world, levels=LEVELS), {})
    assert (report.findings, report.action) == ((), Action.ALLOW)
    assert report.judges_answer is is_judged
    assert not scan(user("Who wrote The Salt Ledger?"), world).judges_answer, "without a judge nobody judges"


def test_a_hit_for_an_entry_of_other_models_is_nothing() -> None:
    world = World(CRANE.passages, CRANE.phrases, models={0: ("other-*",)})
    report = settled(
        scan(user("Who keeps bees?"), world, levels=LEVELS), {"Who keeps bees?": Hit(0, 0.9)}, world
    )
    assert (report.findings, report.evidence) == ((), ())


def test_the_tail_is_as_long_as_a_forgotten_string_and_ends_its_last_word() -> None:
    assert scan(user("one two three four five six seven eight nine ten")).tail == (
        "three four five six seven eight nine ten\n"
    )
    prefilled = conversation((Role.USER, "Say it."), (Role.ASSISTANT, "It is Al"))
    assert scan(prefilled).tail == "Say it.\nIt is Al"


def test_a_hundred_thousand_words_take_less_than_a_second() -> None:
    """Of one core. Most of the time is reading words, so a hostile prompt costs little more."""
    words = [
        "the",
        "bees",
        "of",
        "a",
        "keeper",
        "who",
        "lived",
        "by",
        "sea",
        "and",
        "kept",
        "his",
        "nine",
        "hives",
        "behind",
        "it",
        "all",
    ]
    random = Random(5)
    text = " ".join(random.choices(words, k=100_000))
    scanner = PromptScanner(CRANE.snapshot(), REFUSING, "demo", NOW)
    assert takes_at_most(200, lambda: scanner.scan(user(text)))


def test_time_is_linear_in_the_prompt() -> None:
    scanner = PromptScanner(
        World(((0, "a b a b a b a b a"),), (Said(0, Detector.NAME, "b a"),)).snapshot(),
        REFUSING,
        "m",
        NOW,
        LEVELS,
    )
    assert grows_at_most(24, lambda size: scanner.scan(user("a b " * size)), 2_000, 16_000)


def test_a_sentence_among_many_must_come_nearer_for_the_answer_to_be_judged() -> None:
    levels = Levels(threshold=0.5, grey=0.3, lines=(Line(0.5, 0.02),))
    many = " ".join(f"Number {place} whistles." for place in range(50))
    for text, is_judged in (("Number 3 whistles.", True), (many, False)):
        scanner = PromptScanner(CRANE.snapshot(), REFUSING, "demo", NOW, levels)
        report = scanner.scan(user(text))
        hits = [(Hit(0, 0.3),) if ask == "Number 3 whistles." else () for ask in report.asks]
        assert scanner.settle(report, hits).judges_answer is is_judged


@pytest.mark.parametrize(
    ("failure", "action"), [(OnError.CLOSED, Action.REFUSE), (OnError.OPEN, Action.ALLOW)]
)
def test_a_prompt_that_holds_more_codes_than_are_read_is_refused(
    failure: OnError, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filters.codecs.readings.MOST_FOR_EACH", 1)
    monkeypatch.setattr("filters.codecs.readings.MOST_ANYWAY", 0)
    policy = replace(REFUSING, on_error=failure)
    harmless = b64encode(b64encode(b"alder trees in a craned garden, " * 9)).decode()
    report = scan(user(harmless), policy=policy)
    assert (report.action, report.read_whole, report.findings) == (action, False, ())
    assert scan(user("Nothing of that kind."), policy=policy).action is Action.ALLOW


def test_a_finding_says_in_which_codes_it_was_read() -> None:
    name = b64encode(b"Alden Crane").decode()
    for text, view in ((name, "base64"), (name.encode().hex(), "base16+base64"), ("Alden Crane", "")):
        assert {each.view for each in scan(user(f"Who is {text}?")).findings} == {view}
