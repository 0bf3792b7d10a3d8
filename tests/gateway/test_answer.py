"""One answer under guard, with a guard that does as it is told."""

import asyncio
from collections.abc import Sequence

import pytest

from filters.answer_guard import PLAIN_PART, Taken, TextKey
from filters.scan import Ask
from filters.step import Step, Stop
from gateway.answer import Answer
from gateway.settle import settle
from gateway.wire.answer import Slot, SlotRole, WireError
from policy.action import Action
from policy.finding import Detector, Finding, Span
from policy.surface import Channel
from tests.gateway.canned import DONE, Canned, chunk, stream
from tests.gateway.running import NOTICE, Running

CONTENT = TextKey(0, Channel.CONTENT)
NAME = TextKey(0, Channel.ARGUMENTS, PLAIN_PART)
STOP = Stop(Action.REFUSE, "crane")


class Told:
    """Gives the steps that it was told, one for each call, and then passes everything."""

    near = unlisted = 0

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.calls: list[str] = []

    def _next(self, call: str, text: str = "") -> Step:
        self.calls.append(call)
        return self._steps.pop(0) if self._steps else Step(text)

    def passes(self, key: TextKey, text: str) -> bool:
        return False

    def feed(self, key: TextKey, text: str) -> Step:
        return self._next("feed", text)

    def settle(self, key: TextKey, ask: Ask, findings: Sequence[Finding]) -> Step:
        return self._next(f"settle {ask.text} {len(findings)}")

    def finish(self, key: TextKey) -> Step:
        return self._next("finish")

    def keys(self, choice: int) -> tuple[TextKey, ...]:
        return (CONTENT,)

    def sent(self, key: TextKey) -> str:
        return ""

    @property
    def findings(self) -> tuple[Taken, ...]:
        return ()


async def nothing(asks: Sequence[Ask]) -> list[Sequence[Finding]]:
    return [() for _ in asks]


def ask(text: str) -> Ask:
    return Ask(Span(0, len(text)), text)


def test_a_step_is_settled_until_it_asks_no_more() -> None:
    guard = Told(Step("b", (ask("three"),)), Step("c"), Step("d"))

    async def found(asks: Sequence[Ask]) -> list[Sequence[Finding]]:
        return [(Finding("crane", Detector.SEMANTIC, one.span),) if one.text == "two" else () for one in asks]

    step = asyncio.run(settle(guard, CONTENT, Step("a", (ask("one"), ask("two"))), found))
    assert step == Step("abcd")
    assert guard.calls == ["settle one 0", "settle two 1", "settle three 0"]


def test_after_a_stop_nothing_more_is_settled() -> None:
    guard = Told(Step("b", (), STOP), Step("never"))
    step = asyncio.run(settle(guard, CONTENT, Step("a", (ask("one"), ask("two"))), nothing))
    assert step == Step("ab", (), STOP)
    assert guard.calls == ["settle one 0"]


def test_a_step_that_stops_asks_nothing() -> None:
    guard = Told()
    assert asyncio.run(settle(guard, CONTENT, Step("a", (ask("one"),), STOP), nothing)).stop is STOP
    assert guard.calls == []


@pytest.mark.parametrize(
    "steps", [[Step("ge"), Step("")], [Step(""), Step("other")], [Step("get", (), STOP)]]
)
def test_a_name_goes_out_as_it_is_or_the_choice_stops(steps: list[Step]) -> None:
    """Even where a guard changes a text and does not stop: another name would be another call."""
    answer = Answer(Told(*steps), nothing, 1)
    assert asyncio.run(answer.say(Slot(NAME, "get", SlotRole.WHOLE))) == ""
    assert answer.stopped(0) == NAME
    assert answer.all_stopped


def test_a_name_that_is_said_again_is_not_judged_again() -> None:
    guard = Told()
    answer = Answer(guard, nothing, 1)

    async def twice() -> list[str]:
        return [await answer.say(Slot(NAME, "get", SlotRole.WHOLE)) for _ in range(2)]

    assert asyncio.run(twice()) == ["get", "get"]
    assert guard.calls == ["feed", "finish"]


def test_text_after_the_end_of_a_choice_is_an_error() -> None:
    async def after() -> None:
        answer = Answer(Told(), nothing, 1)
        await answer.flush(0)
        await answer.say(Slot(CONTENT, "more"))

    with pytest.raises(WireError, match="after its end"):
        asyncio.run(after())


def test_nothing_of_a_choice_comes_after_its_stop() -> None:
    guard = Told(Step("a", (), STOP))
    answer = Answer(guard, nothing, 1)

    async def on() -> list[str]:
        return [await answer.say(Slot(CONTENT, text)) for text in ("a", "b", "c")]

    assert asyncio.run(on()) == ["a", "", ""]
    assert asyncio.run(answer.flush(0)) == []
    assert guard.calls == ["feed"]


def test_a_call_that_is_stopped_as_it_begins_does_not_begin(canned: Canned, strict: Running) -> None:
    function = {"name": "save", "arguments": '{"name": "Alden Crane"}'}
    calls = [{"index": 0, "id": "call_1", "type": "function", "function": function}]
    canned.play(stream(chunk({"content": "I will. ", "tool_calls": calls}), chunk({}, "tool_calls"), DONE))
    answered = strict.chat(stream=True)
    assert not any("tool_calls" in one["delta"] for event in answered.chunks for one in event["choices"])
    assert answered.text().endswith(NOTICE)
    assert answered.finishes() == ["stop"]
