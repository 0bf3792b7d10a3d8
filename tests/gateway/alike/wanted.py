"""Requests of each API as clients may make them: what its contract lets through, and its few words between
fields.

Rule: nothing is left out that a contract lets through.
"""

from typing import Any

from hypothesis import strategies as st

from gateway.wire.measure import Measure
from gateway.wire.measures import api
from tests.gateway.alike.drawn import TEXTS, requests

NAMED = {"model": "demo"}
STREAMED = frozenset({"chat", "completions", "responses", "messages"})


def wanted(name: str) -> st.SearchStrategy[dict[str, Any]]:
    own = api(name)
    if isinstance(own, Measure):
        return st.builds(_one_of_each, requests(own.contract), st.just(own), TEXTS)
    if name == "batch":
        drawn = requests(own.contract)
        return st.builds(_conversations, drawn, st.lists(drawn, max_size=2))
    return st.builds(_asked, requests(own.contract), st.booleans() if name in STREAMED else st.none())


def _asked(body: dict[str, Any], stream: bool | None) -> dict[str, Any]:
    """What says how a stream is may stand with a stream alone."""
    streamed = {} if stream is None else {"stream": stream}
    without = {name: held for name, held in body.items() if stream or name != "stream_options"}
    return without | streamed | NAMED


def _conversations(body: dict[str, Any], more: list[dict[str, Any]]) -> dict[str, Any]:
    """Several, with what they have in common."""
    return body | {"messages": [each["messages"] for each in (body, *more)]} | NAMED


def _one_of_each(body: dict[str, Any], own: Measure, text: str) -> dict[str, Any]:
    """Of several names of one field just one."""
    for names in own.asked:
        said = [name for name in names if body.get(name) is not None]
        body = {name: held for name, held in body.items() if name not in names or name in said[:1]}
        body |= {} if said else {names[0]: text}
    return body | NAMED
