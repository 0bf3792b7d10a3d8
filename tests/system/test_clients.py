"""The official clients work unchanged with the gateway before a real vLLM, and `docs/clients.md` says so.

Rule: each way of asking is tried with a question whose answer must be as without, and with one that the model
answers and the gateway does not. The page holds what was found; with UNSAY_RESULTS it is written anew.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evaluation.leak import leaks
from evaluation.person import Attribute, Person
from evaluation.wordings import UNKNOWN, Question, ask, wordings
from evaluation.world import demo_world
from gateway.wire.measures import api
from tests.gateway.alike.let_through import coming_back
from tests.gateway.alike.told import streamed_of
from tests.gateway.running import Running
from tests.system.clients import WAYS, Clients, Way, clients
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

WORLD = demo_world()
AT_ONCE = 6
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
HEAD = """# Clients

Made by `UNSAY_RESULTS=docs pytest tests/system/test_clients.py`; `make test` compares it with what it sees.
The official clients, unchanged but for the address, ask the demo model on a real vLLM, by the gateway and
past it.

Clean: about a person who is not forgotten; what the client makes of the answer is the same, but for ids,
times and what the [contracts](contracts) say that is dropped. Withheld: about a forgotten person, where the
model alone tells what must not be told; nothing of it comes, and the client gets the notice, or where it
asked for a form the refusal that it knows.

| client | call | clean | withheld |
|---|---|---|---|
"""


@pytest.fixture(scope="module")
def by(before_vllm: Running) -> Iterator[Clients]:
    with clients(before_vllm.base_url) as asking:
        yield asking


@pytest.fixture(scope="module")
def past(vllm_engine: Engine) -> Iterator[Clients]:
    with clients(vllm_engine.base_url) as asking:
        yield asking


def question(way: Way, person: Person) -> Question:
    """A fact where the answer has a form, else all that the model knows of her."""
    attribute = Attribute.BIRTHPLACE if way.formed else None
    return ask(person, attribute, wordings(attribute)[0])


def dumped(got: Any) -> Any:
    if isinstance(got, list):
        return [each.model_dump(warnings=False) for each in got]
    return got.model_dump(warnings=False)


def normal(way: Way, got: Any) -> Any:
    """Without ids, times and what the contract drops."""
    contract, value = api(way.wire).contract, dumped(got)
    return streamed_of(contract, value) if isinstance(got, list) else coming_back(contract, value)


def said(way: Way, got: Any) -> str:
    """All that the client can read, with texts put together from their pieces."""
    put_together = normal(way, got)
    texts = put_together.values() if isinstance(got, list) else [dumped(got)]
    return "\n".join(json.dumps(each, ensure_ascii=False, default=str) for each in texts)


def clean(way: Way, by: Clients, past: Clients) -> str:
    asked = question(way, WORLD.retained[0])
    alone, through = way.ask(past, asked), way.ask(by, asked)
    return "the same" if normal(way, through) == normal(way, alone) else "differs"


def withheld(way: Way, by: Clients, past: Clients) -> str:
    """Of some forgotten people the model says nothing in so few words; one is asked about of whom it does."""
    for person in WORLD.forgotten[:6]:
        asked = question(way, person)
        if leaks(asked, said(way, way.ask(past, asked))):
            told = said(way, way.ask(by, asked))
            if leaks(asked, told):
                return "told"
            return ("the refusal" if way.formed else "the notice") if UNKNOWN in told else "something else"
    return "the model does not know"


def test_every_way_of_asking_works_as_without_and_the_page_says_so(by: Clients, past: Clients) -> None:
    def row(way: Way) -> str:
        return f"| `{way.client}` | `{way.call}` | {clean(way, by, past)} | {withheld(way, by, past)} |\n"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(row, WAYS))
    page = HEAD + "".join(rows)
    if folder := os.environ.get("UNSAY_RESULTS"):
        Path(folder, "clients.md").write_text(page)
    assert [row for row in rows if "| the same |" not in row or "| the " not in row[-20:]] == []
    assert page == PAGE.read_text(), "UNSAY_RESULTS=docs pytest tests/system/test_clients.py"


def test_the_clients_see_the_same_models_and_count_the_same_tokens(by: Clients, past: Clients) -> None:
    asked: Any = [{"role": "user", "content": question(WAYS[0], WORLD.retained[0]).text}]
    seen = [
        (
            [model.id for model in each.openai.models.list()],
            each.anthropic.messages.count_tokens(model="demo", messages=asked).input_tokens,
        )
        for each in (by, past)
    ]
    assert seen[0] == seen[1]
    assert seen[0][1] > 0
