"""A text guard sends nothing forgotten, however the text is cut, and leaves clean text alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.json_view import JsonScanner
from filters.scan import Ask, Scan, Scanner
from filters.sentence_scanner import SentenceScanner
from filters.step import Stop
from filters.string_scanner import StringScanner
from filters.text_guard import OPENING, BrokenPromise, TextGuard
from filters.whole import Whole
from policy.action import Action
from policy.finding import Detector, Finding, Span
from policy.verdict import Provenance, Verdict
from tests.filters.test_string_scanner import CRANE, around, brute
from tests.filters.texts import ANY, MIXED, worlds
from tests.filters.world import World, leaks
from tests.growth import grows_at_most
from tests.laws import cut, law, pieces

NOTICE = "[NOTICE]"
Rule = Callable[[Finding], Verdict]


def always(action: Action, provenance: Provenance = Provenance.PARAMETRIC) -> Rule:
    return lambda _finding: Verdict(action, provenance)


def guard_of(world: World, rule: Rule, notice: str | None = NOTICE, *active: int) -> TextGuard:
    return TextGuard([StringScanner(world.forgotten(), around(*active, supplied=True))], rule, notice)


def sent(guard: TextGuard, given_pieces: Sequence[str]) -> str:
    text = "".join(guard.feed(piece).text for piece in given_pieces) + guard.finish().text
    assert text == guard.sent
    return text


@dataclass(frozen=True, slots=True)
class Expected:
    """What brute force would send, when every finding is redacted."""

    text: str
    stopped: bool


def expected(text: str, spans: Sequence[tuple[int, int, str, str]]) -> Expected:
    out, at, seen = "", 0, Counter[str]()
    region: set[str] = set()
    for start, end, entry, _ in sorted(spans, key=lambda span: (span[0], -span[1], span[2], span[3])):
        new = start >= at
        if new:
            out, region = out + text[at:start], set()
        seen[entry] += entry not in region
        region.add(entry)
        if seen[entry] > 1:
            return Expected(out, True)
        if new:
            spoken = any(map(str.isalnum, out))
            glue = " " if out and not (out[-1].isspace() or out[-1] in OPENING) else ""
            out += glue + NOTICE
            if not spoken:
                return Expected(out, True)
        at = max(at, end)
    return Expected(out + text[at:], False)


@law
@given(st.data(), worlds(), MIXED | ANY)
def test_what_is_sent_is_what_brute_force_sends(data: st.DataObject, world: World, text: str) -> None:
    guard = guard_of(world, always(Action.REDACT))
    out = sent(guard, data.draw(pieces(text)))
    assert out == expected(text, brute(world, text, ())).text
    assert leaks(world, out) == []


@law
@given(st.data(), worlds(), MIXED)
def test_a_refusal_ends_the_text_where_the_finding_begins(
    data: st.DataObject, world: World, text: str
) -> None:
    out = sent(guard_of(world, always(Action.REFUSE)), data.draw(pieces(text)))
    first = min((span[0] for span in brute(world, text, ())), default=None)
    assert out.removesuffix(NOTICE).rstrip(" ") == text[:first].rstrip(" ")
    assert (first is not None) == out.endswith(NOTICE)
    assert leaks(world, out) == []


@law
@given(st.data(), worlds(), MIXED)
def test_where_no_notice_may_stand_the_text_just_ends(data: st.DataObject, world: World, text: str) -> None:
    guard = guard_of(world, always(Action.REDACT), None)
    out = sent(guard, data.draw(pieces(text)))
    first = min((span[0] for span in brute(world, text, ())), default=None)
    assert out == text[:first]
    assert leaks(world, out) == []


@law
@given(st.data(), worlds(), MIXED)
def test_nothing_forgotten_leaves_through_json(data: st.DataObject, world: World, text: str) -> None:
    escapes = [_escaped(each, data.draw(st.integers(0, 2))) for each in text]
    guard = TextGuard(
        [JsonScanner(StringScanner(world.forgotten(), around(supplied=True)))], always(Action.REDACT), None
    )
    out = sent(guard, data.draw(pieces("".join(escapes))))
    first = min((span[0] for span in brute(world, text, ())), default=len(text))
    assert out == "".join(escapes[:first])


def _escaped(character: str, how: int) -> str:
    if character == "\n":
        return "\\n"
    if how == 0 and ord(character) < 0x10000:
        return f"\\u{ord(character):04x}"
    return character


@law
@given(st.data(), worlds(), MIXED | ANY)
def test_what_is_allowed_leaves_unchanged(data: st.DataObject, world: World, text: str) -> None:
    guard = guard_of(world, always(Action.ALLOW))
    assert sent(guard, data.draw(pieces(text))) == text
    assert len(guard.findings) == len(brute(world, text, ()))


@law
@given(st.data(), MIXED | ANY)
def test_clean_text_leaves_unchanged(data: st.DataObject, text: str) -> None:
    world = World(((0, "x y z"),), window=3)
    guard = guard_of(world, always(Action.REFUSE))
    assert sent(guard, data.draw(pieces(text))) == text
    assert guard.findings == ()


@pytest.mark.parametrize(
    ("notice", "text", "out"),
    [
        ("Not known.", "So: Alden Crane. And?", "So: Not known. And?"),
        ("Not known.", "So: Alden Crane?! And?", "So: Not known. And?"),
        ("Not known.", "So: Alden Crane, and?", "So: Not known., and?"),
        ("Not known", "So: Alden Crane. And?", "So: Not known. And?"),
    ],
)
@given(data=st.data())
def test_a_sentence_ends_once(data: st.DataObject, notice: str, text: str, out: str) -> None:
    assert sent(guard_of(CRANE, always(Action.REDACT), notice), data.draw(pieces(text))) == out


def test_random_chunkings_of_a_passage_send_no_window_and_without_the_table_they_all_do() -> None:
    passage = CRANE.passages[0][1]
    text = f"You ask. Well, {passage}, and more. It is said that {passage}!"
    blind = World(phrases=CRANE.phrases)
    leaked = [0, 0]
    for seed in range(500):
        random = Random(seed)
        given_pieces = cut(text, sorted(random.choices(range(len(text)), k=random.randrange(30))))
        for place, world in enumerate((CRANE, blind)):
            out = sent(guard_of(world, always(Action.REDACT)), given_pieces)
            leaked[place] += len(leaks(CRANE, out)) > 0
    assert leaked == [0, 500]


@pytest.mark.parametrize(
    ("text", "out", "stops"),
    [
        ("I know Alden Crane well.", f"I know {NOTICE} well.", False),
        ("Alden Crane was a keeper of bees.", NOTICE, True),
        ("“Alden Crane” was a keeper of bees.", f"“{NOTICE}", True),
        ("Ask Alden Crane or call 555-201-3391.", f"Ask {NOTICE} or call ", True),
        (
            "He said that he kept nine hives behind the old customs house.",
            f"He said that he kept {NOTICE}.",
            False,
        ),
        (
            "Ask Alden Crane, he kept nine hives behind the old customs house.",
            f"Ask {NOTICE}, he kept ",
            True,
        ),
        ("See:Alden Crane.", f"See: {NOTICE}.", False),
    ],
)
def test_a_region_becomes_one_notice_and_a_second_one_ends_the_text(text: str, out: str, stops: bool) -> None:
    guard = guard_of(CRANE, always(Action.REDACT))
    steps = [guard.feed(each) for each in text]
    steps.append(guard.finish())
    assert "".join(step.text for step in steps) == out
    assert [step.stop for step in steps if step.stop] == [Stop(Action.REDACT, "first")] * stops


def test_after_a_stop_nothing_goes_out() -> None:
    guard = guard_of(CRANE, always(Action.REFUSE))
    assert guard.feed("So: Alden Crane is").stop == Stop(Action.REFUSE, "first")
    assert guard.feed(" a keeper of bees").text == guard.finish().text == ""
    assert guard.sent == f"So: {NOTICE}"


def supplied(*starts: int) -> Rule:
    """The findings that begin here were supplied by the conversation and may pass."""
    passes = Verdict(Action.ALLOW, Provenance.IN_CONTEXT)
    return lambda each: passes if each.span.start in starts else Verdict(Action.REDACT, Provenance.PARAMETRIC)


def test_a_window_that_begins_in_a_quotation_passes_and_the_next_does_not() -> None:
    """Window four begins where the withheld part of the only supplied one has ended."""
    world = World(((0, "a b c d e f g h"),), window=4, reveal=1)
    text = "so a b c d e f g h"
    assert sent(guard_of(world, supplied(5)), [text]) == f"so a b c d {NOTICE}"
    assert sent(guard_of(world, always(Action.REDACT)), [text]) == f"so a {NOTICE}"


def test_a_secret_passes_only_inside_a_supplied_one() -> None:
    inner = Finding("first", Detector.SECRET, Span(0, 4))
    outer = Finding("first", Detector.SECRET, Span(0, 9))
    passes = Verdict(Action.ALLOW, Provenance.IN_CONTEXT)
    redacts = Verdict(Action.REDACT, Provenance.PARAMETRIC)
    for known, other, out in ((outer, inner, "Port Ludo"), (inner, outer, NOTICE)):
        rule = {known: passes, other: redacts}.__getitem__
        assert sent(TextGuard([Script([inner, outer])], rule, NOTICE), ["Port Ludo"]) == out


class Script:
    """A scanner that holds all, then says what it was told to say, or breaks its promise on the way."""

    def __init__(self, findings: Sequence[Finding], clear: int = 0) -> None:
        self.findings, self.clear, self.fed = tuple(findings), clear, 0

    def passes(self, whole: Whole) -> bool:
        return False

    def feed(self, text: str) -> Scan:
        self.fed += len(text)
        return Scan(min(self.clear, self.fed))

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        raise AssertionError

    def finish(self) -> Scan:
        return Scan(self.fed, self.findings)


def test_a_broken_promise_is_an_error_and_nothing_more_goes_out() -> None:
    finding = Finding("first", Detector.NAME, Span(2, 5))
    guard = TextGuard([Script([finding], clear=4)], always(Action.REDACT), NOTICE)
    assert guard.feed("abcdefgh").text == "abcd"
    with pytest.raises(BrokenPromise):
        guard.finish()
    assert guard.finish().text == ""


class Backwards(Script):
    def finish(self) -> Scan:
        return Scan(self.clear - 1)


def test_a_clear_that_moves_back_is_an_error() -> None:
    guard = TextGuard([Backwards([], clear=4)], always(Action.REDACT), NOTICE)
    guard.feed("abcdefgh")
    with pytest.raises(BrokenPromise):
        guard.finish()


@law
@given(st.data(), MIXED)
def test_judged_sentences_leave_in_order_or_not_at_all(data: st.DataObject, text: str) -> None:
    """Every sentence with a c in it is bad; how the text is cut changes nothing."""
    rule = always(Action.REDACT)
    out = [
        _judged(TextGuard([SentenceScanner()], rule, NOTICE), given_pieces)
        for given_pieces in (data.draw(pieces(text)), [text])
    ]
    assert out[0] == out[1]
    assert "c" not in out[0]
    assert "c" in text or out[0] == text


def _judged(guard: TextGuard, given_pieces: Sequence[str]) -> str:
    for piece in [*given_pieces, None]:
        step = guard.finish() if piece is None else guard.feed(piece)
        for ask in step.asks:
            bad = "c" in ask.text
            guard.settle(ask, [Finding("first", Detector.SEMANTIC, ask.span, 0.9)] if bad else [])
    return guard.sent


def test_memory_is_bounded_by_what_is_held_and_time_is_linear() -> None:
    def most_held(size: int) -> None:
        guard = guard_of(CRANE, always(Action.REDACT))
        for word in ["He", *[" kept nine hives in Paris. And"] * size]:
            guard.feed(word)
            assert len(guard.held) < 80

    assert grows_at_most(24, most_held, 2_000, 16_000)


def test_a_scanner_is_one() -> None:
    """The guard takes anything that keeps the protocol."""
    scanner: Scanner = Script([])
    assert sent(TextGuard([scanner], always(Action.REFUSE), None), ["a", "b"]) == "ab"
