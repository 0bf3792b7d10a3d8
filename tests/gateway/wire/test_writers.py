"""Laws of all writers: what they are given comes out in its order, but what waits when a choice stops."""

import json
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.answer_guard import TextKey
from gateway.wire.answer import Choice, Texts
from gateway.wire.keys import id_key, name_key, text_key
from gateway.wire.request import Request
from gateway.wire.wires import wires
from gateway.wire.writer import Frame, Writer, streamed
from policy.surface import Channel
from tests.laws import CASES

PROSE = tuple(text_key(0, channel, 0) for channel in (Channel.REASONING, Channel.CONTENT, Channel.REFUSAL))
CALLS = tuple((id_key(0, call), name_key(0, call), text_key(0, Channel.ARGUMENTS, call)) for call in range(3))
# An API of text alone has but one.
KINDS: dict[str, tuple[tuple[TextKey, ...], ...]] = {
    "chat": (*((key,) for key in PROSE), *CALLS),
    "completions": ((text_key(0, Channel.CONTENT, 0),),),
    "responses": (*((key,) for key in PROSE), *CALLS),
    "messages": (*((key,) for key in PROSE), *CALLS),
}
MARK = re.compile("@[0-9]+@")
USAGE: Any = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}

# Each runs for every API.
FEW = settings(max_examples=max(1, CASES // 10))
ENDS = st.sampled_from(("stop", "length", "tool_calls", "content_filter"))


def writer(wire: str, machine_read: bool = False) -> Writer:
    return wires()[wire].writer(
        Frame("x_1", 1, "demo"), Request({}, (), None, True, 1, True, machine_read, 0)
    )


@st.composite
def answers(draw: st.DrawFn, wire: str) -> Texts:
    """Some texts, each of a few marks that stand nowhere else; what a call says is JSON."""
    kinds = draw(st.lists(st.sampled_from(KINDS[wire]), unique=True, max_size=6))
    said: list[tuple[TextKey, str]] = []
    for key in chain.from_iterable(kinds):
        marks = "".join(f"@{len(said)}{number}@" for number in range(draw(st.integers(1, 3))))
        said.append((key, json.dumps({"a": marks}) if key in {call[2] for call in CALLS} else marks))
    return tuple(said)


def marks(value: Any) -> list[str]:
    """Each where it comes first."""
    return list(dict.fromkeys(MARK.findall(json.dumps(value))))


def in_order(value: Any, texts: Texts) -> bool:
    """Whether all of each text is there in its order, and nothing else."""
    found = marks(value)
    each = [MARK.findall(text) for _, text in texts]
    return len(found) == sum(map(len, each)) and all(
        [mark for mark in found if mark in own] == own for own in each
    )


def cut(texts: Texts) -> list[Sequence[tuple[TextKey, str]]]:
    """Prose mark by mark, as it comes in a stream."""
    return [
        [(key, piece)] for key, text in texts for piece in (MARK.findall(text) if key in PROSE else [text])
    ]


@pytest.mark.parametrize("wire", KINDS)
@pytest.mark.law
@FEW
@given(data=st.data(), finish=ENDS)
def test_what_a_writer_is_given_comes_out_in_its_order(wire: str, data: st.DataObject, finish: str) -> None:
    texts = data.draw(answers(wire))
    choice = Choice(0, texts, finish)
    assert in_order(streamed(writer(wire), [choice], USAGE, wanted=True), texts)
    assert in_order(writer(wire).whole([choice], USAGE), texts)


@pytest.mark.parametrize("wire", KINDS)
@pytest.mark.law
@FEW
@given(data=st.data(), finish=ENDS, machine_read=st.booleans())
def test_what_waits_when_a_choice_stops_is_not_said(
    wire: str, data: st.DataObject, finish: str, machine_read: bool
) -> None:
    one = writer(wire, machine_read)
    before = one.begin(0, USAGE)
    for texts in cut(data.draw(answers(wire))):
        # A refusal is the gateway's own, and follows the stop.
        if texts[0][0].channel is not Channel.REFUSAL:
            before += one.pieces(0, texts)
    one.stopped(0)
    after = [*one.end(0, finish), *one.last(USAGE)]
    assert set(marks(after)) <= set(marks(before))
