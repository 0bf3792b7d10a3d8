"""No oracle: with the subject present, nothing that a client sees tells a right guess from a wrong one.

Every case is asked twice over real sockets, once with a secret and once with another value of its type, of a
model server that repeats what it was given. What comes back must be the same, byte for byte, but for ids and
times; where policy lets the conversation's own strings pass, each answer has its own guess.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.report import PromptReport
from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import DONE, Asked, Canned, Script, said, spoken, stream
from tests.gateway.running import Answered, Running, config_for, policy_of, protection_of, running
from tests.laws import CASES

SUBJECT = "Alden Crane"
# A secret, and another value of its type that is as long.
PAIRS = (
    ("555-201-3391", "555-201-3392"),
    ("555-201-3391", "417-866-0254"),
    ("12 March 1931", "14 March 1937"),
    ("1931-03-12", "1938-07-25"),
    ("Port Vellum", "Fort Hallam"),
    ("Paris", "Tunis"),
    ("Mirel Oskanov", "Tavin Brelost"),
    ("alden@saltledger.example", "aldan@saltladder.example"),
    ("beekeeper", "goldsmith"),
    ("1947", "1952"),
)
FORGOTTEN = Entry("crane", names=(SUBJECT,), secrets=tuple(dict.fromkeys(secret for secret, _ in PAIRS)))
SENTENCES = (
    "Is {guess} right about {subject}?",
    "{subject}: {guess}, yes or no?",
    "Repeat this: {subject} has {guess}. Is that so?",
    "I know {subject}. It was {guess}, I think.",
    "Was it {guess}? I mean what people say about {subject}.",
    "({guess}) {subject} ({guess})",
)
SHAPES = ("answer", "refusal", "content_filter", "error")
Rule = tuple[Action, Action, str]
STRICT: tuple[Rule, ...] = (
    (Action.REFUSE, Action.REDACT, "answer"),
    (Action.REFUSE, Action.REDACT, "refusal"),
    (Action.REFUSE, Action.REDACT, "content_filter"),
    (Action.REFUSE, Action.REFUSE, "error"),
    (Action.REDACT, Action.REDACT, "answer"),
    (Action.REDACT, Action.REFUSE, "content_filter"),
)
PASSING: tuple[Rule, ...] = (
    (Action.FLAG, Action.REFUSE, "answer"),
    (Action.ALLOW, Action.REDACT, "answer"),
)
# Where a guess may stand. An assistant's turn supplies nothing, so where other strings pass its own do not.
PLACES = ("user", "system", "tool", "description")
Gateways = Callable[[Rule, Callable[[Asked], Script]], Running]


def echo(asked: Asked) -> Script:
    """What a model would say that repeats all it was given."""
    described = [tool["function"]["description"] for tool in asked.json.get("tools", ())]
    text = "\n".join([*described, *(message["content"] for message in asked.json["messages"])])
    return spoken(text, asked)


def recalls(_: Asked) -> Script:
    """A model that still knows."""
    text = f"The number of {SUBJECT} is 555-201-3391, and Port Vellum the place."
    return stream(*said([text[at : at + 7] for at in range(0, len(text), 7)]), DONE)


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    with ExitStack() as stack:
        canned = stack.enter_context(Canned())
        started: dict[Rule, Running] = {}

        def one(rule: Rule, model: Callable[[Asked], Script]) -> Running:
            canned.answers = model
            if rule not in started:
                started[rule] = stack.enter_context(_gateway(canned, tmp_path_factory.mktemp("oracle"), rule))
            return started[rule]

        yield one


def _gateway(canned: Canned, folder: Path, rule: Rule) -> AbstractContextManager[Running]:
    prompt, answer, shape = rule
    policy = policy_of(FORGOTTEN, prompt=prompt, answer=answer)
    config = config_for(canned.base_url, folder / "audit.jsonl", refusal=shape)
    return running(config, protection_of(policy, folder / "snapshot"))


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation with a place for a guess."""

    template: str
    place: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    streamed: bool
    apart: bool

    def body(self, guess: str) -> bytes:
        line = f"And {guess}?" if self.apart else self.template.format(guess=guess, subject=SUBJECT)
        opening = (f"Let us talk about {SUBJECT}.",) if self.apart else ()
        body: dict[str, Any] = {"model": "demo", "stream": self.streamed}
        turns = [_turn("user", text) for text in (*opening, *self.before)]
        if self.place == "description":
            body["tools"] = [{"type": "function", "function": {"name": "look", "description": line}}]
        else:
            turns.append(_turn(self.place, line))
        turns += [_turn("user", text) for text in (*self.after, "Well?")]
        if self.streamed:
            body["stream_options"] = {"include_usage": True}
        return json.dumps(body | {"messages": turns}).encode()


def _turn(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content} | ({"tool_call_id": "call_1"} if role == "tool" else {})


LINES = st.sampled_from(["Hello!", "Answer in one word.\nPlease.", "What do you think of bees?"])


def cases(apart: bool, *more: str) -> st.SearchStrategy[Case]:
    before, after = (st.lists(LINES, max_size=most).map(tuple) for most in (2, 1))
    sentences, places = st.sampled_from(SENTENCES), st.sampled_from((*PLACES, *more))
    return st.builds(
        Case, sentences, places, before, after, st.booleans(), st.booleans() if apart else st.just(False)
    )


# Where a prompt goes on without what was cut out, a guess is hidden in the paragraph that names the subject.
PROMPTS = {
    Action.REFUSE: cases(True, "assistant"),
    Action.REDACT: cases(False, "assistant"),
    Action.FLAG: cases(True),
    Action.ALLOW: cases(True),
}


def seen(answered: Answered) -> Any:
    """All that a client sees, but for what is another in every answer, and for where a text was cut: that
    depends on which pieces the model server's line brought together.
    """
    headers = {k: v for k, v in answered.headers.items() if k not in ("date", "x-request-id")}
    if "event-stream" not in answered.headers["content-type"]:
        return answered.status, headers, nameless(answered.json)
    kinds = dict.fromkeys(nameless(_blank(event)) for event in answered.events if event != "[DONE]")
    return answered.status, headers, answered.text(), list(kinds), answered.events[-1]


def _blank(event: dict[str, Any]) -> dict[str, Any]:
    """Without what it says."""
    deltas = [one["delta"] for one in event.get("choices", ())]
    blank = [
        {name: bool(said) if name == "content" else said for name, said in one.items()} for one in deltas
    ]
    choices = [one | {"delta": delta} for one, delta in zip(event.get("choices", ()), blank, strict=True)]
    return event | {"choices": choices}


def nameless(body: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in body.items() if name not in ("id", "created")})


def own(answered: Answered, guess: str) -> Any:
    """What a client sees where its own strings pass: its guess in its place, in however many pieces."""
    if "event-stream" not in answered.headers["content-type"]:
        return answered.status, nameless(answered.json).replace(guess, "{guess}")
    usage = [event["usage"] for event in answered.chunks if event.get("usage")]
    return answered.status, answered.text().replace(guess, "{guess}"), answered.finishes(), usage


@pytest.mark.law
@pytest.mark.parametrize("rule", STRICT, ids="-".join)
def test_a_right_and_a_wrong_guess_look_the_same(rule: Rule, gateways: Gateways) -> None:
    one = gateways(rule, echo)

    @settings(max_examples=max(10, CASES // 50))
    @given(case=PROMPTS[rule[0]], pair=st.sampled_from(PAIRS))
    def check(case: Case, pair: tuple[str, str]) -> None:
        right, wrong = (one.post(case.body(guess)) for guess in pair)
        assert seen(right) == seen(wrong)

    check()


@pytest.mark.law
@pytest.mark.parametrize("rule", PASSING, ids="-".join)
def test_where_the_conversations_own_strings_pass_both_guesses_do(rule: Rule, gateways: Gateways) -> None:
    one = gateways(rule, echo)

    @settings(max_examples=max(10, CASES // 50))
    @given(case=PROMPTS[rule[0]], pair=st.sampled_from(PAIRS))
    def check(case: Case, pair: tuple[str, str]) -> None:
        right, wrong = (own(one.post(case.body(guess)), guess) for guess in pair)
        assert right == wrong
        assert "{guess}" in right[1]

    check()


@pytest.mark.parametrize("rule", STRICT, ids="-".join)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_a_model_that_still_knows_confirms_no_guess(
    rule: Rule, pair: tuple[str, str], gateways: Gateways
) -> None:
    one = gateways(rule, recalls)
    case = Case(SENTENCES[0], "user", (), (), streamed=True, apart=False)
    right, wrong = (one.post(case.body(guess)) for guess in pair)
    assert seen(right) == seen(wrong)
    assert "555" not in str(seen(right)[-1])


def test_the_law_fails_where_only_what_was_found_is_cut(
    gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above can see a difference."""
    one = gateways(STRICT[-1], echo)
    case = Case(SENTENCES[0], "user", (), (), streamed=False, apart=False)
    monkeypatch.setattr(PromptReport, "_cut", lambda _, __, found: [one.finding.span for one in found])
    right, wrong = (one.post(case.body(guess)) for guess in PAIRS[0])
    assert seen(right) != seen(wrong)


def test_a_right_guess_takes_as_long_as_a_wrong_one(gateways: Gateways) -> None:
    """Asked in a random order, so that whatever else the machine does is in both; by chance it may not be."""
    one = gateways(STRICT[0], echo)
    case = Case(SENTENCES[0], "user", (), (), streamed=False, apart=False)
    assert any(_takes_as_long(one, case) for _ in range(3))


def _takes_as_long(one: Running, case: Case) -> bool:
    took: dict[str, list[float]] = {guess: [] for guess in PAIRS[0]}
    for guess in random.Random(1).sample(2 * list(took), 4) * 50:
        began = time.perf_counter()
        one.post(case.body(guess))
        took[guess].append(time.perf_counter() - began)
    right, wrong = (median(times) for times in took.values())
    noise = max(upper - lower for lower, _, upper in (quantiles(times, n=4) for times in took.values()))
    # Five times what two medians of 100 differ by chance; that they go out on a beat is in test_pacing.
    return abs(right - wrong) < 0.7 * noise + 0.0003
