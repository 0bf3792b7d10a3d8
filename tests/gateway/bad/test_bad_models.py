"""A model server that lists its models in a broken way: the client is told, and no name is guessed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.bad.ground import Ending, Ground, code_of, encoded, ground_in, request
from tests.gateway.canned import MODELS, Canned, End, Script, whole

INVALID = Ending(502, "upstream_invalid", "^The model server sent an answer that could not be checked")
DOWN = Ending(502, "upstream_unreachable", "^The model server cannot be reached")
CUT = Ending(502, "upstream_incomplete", "^The model server ended its answer early")
SLOW = Ending(504, "upstream_timeout", "^The model server did not answer in time")
LISTED = json.dumps({"data": [{"id": "Alden Crane"}, {"id": "demo"}]}).encode()


def piece(*data: bytes, **rest: Any) -> Script:
    return Script(data, 200, "application/json", **rest)


LISTS: dict[str, tuple[Script, Ending]] = {
    "nothing": (piece(b""), INVALID),
    "a page": (Script((b"<html>Alden</html>",), 200, "text/html"), INVALID),
    "JSON cut short": (piece(LISTED[:-3]), INVALID),
    "a list": (whole([{"id": "Alden"}]), INVALID),
    "null": (whole(None), INVALID),
    "no list": (whole({"data": {"id": "Alden"}}), INVALID),
    "names that are none": (whole({"data": ["Alden Crane"]}), INVALID),
    "models without names": (whole({"data": [{"name": "Alden"}]}), INVALID),
    "nested too deep": (piece(b'{"data":' + b"[" * 100_000), INVALID),
    "larger than any list": (piece(b'{"data": [], "x": "' + b"x" * 2**21 + b'"}'), INVALID),
    "no success": (whole({"data": [{"id": "demo"}]}, 500), DOWN),
    "a redirection": (Script((), 302, headers=(("location", "/v1/other"),)), DOWN),
    "cut short": (piece(b'{"data":', end=End.CUT), CUT),
    "reset": (piece(b'{"data":', end=End.RESET), CUT),
}


@pytest.fixture(scope="module")
def unnamed(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """It has no names of its own; each test starts with none learnt."""
    with ground_in(tmp_path_factory.mktemp("unnamed"), canned, models={}) as found:
        yield found


@pytest.fixture(autouse=True)
def _forgets(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("gateway.models.FRESH_S", -1.0)
    yield
    canned.models = MODELS


@pytest.mark.parametrize("what", LISTS)
def test_a_list_of_models_that_is_none_is_told(what: str, unnamed: Ground) -> None:
    script, ending = LISTS[what]
    unnamed.canned.models = script
    assert code_of(unnamed.tell([request(encoded())], ending)) == ending.code
    unnamed.canned.models = MODELS
    assert unnamed.stands()


def test_a_list_of_models_that_comes_in_pieces_is_read_whole(unnamed: Ground) -> None:
    unnamed.canned.models = piece(*(LISTED[at : at + 9] for at in range(0, len(LISTED), 9)), pause_s=0.01)
    unnamed.play_good()
    assert unnamed.answered([request(encoded())]).text() == "The lamp turns."


def test_names_that_are_not_text_are_left_out(unnamed: Ground) -> None:
    unnamed.canned.models = whole({"data": [{"id": 5}, {"id": "demo"}, {"id": None}]})
    unnamed.play_good()
    assert unnamed.answered([request(encoded())]).text() == "The lamp turns."
    assert unnamed.answered([request(b"", method="GET", path="/v1/models/5")]).status == 404
