"""Grafana's dashboard asks for what the gateway tells, by the right names, and for all of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.metrics import Metrics

BOARD = json.loads((Path(__file__).resolve().parents[2] / "deploy/grafana/unsay.json").read_text())
ASKED = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
OF_A_HISTOGRAM = ("_bucket", "_sum", "_count")


def told() -> dict[str, str]:
    """All that the gateway tells, and of which kind it is."""
    lines = Metrics().text().decode().splitlines()
    kinds = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE "))
    return {name: kind for name, kind in kinds.items() if not name.endswith("_created")}


def series() -> Iterator[str]:
    for name, kind in told().items():
        yield from (name + end for end in OF_A_HISTOGRAM) if kind == "histogram" else (name,)


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bunsay_\w+", expression))


@pytest.mark.parametrize("expression", ASKED)
def test_what_is_asked_for_exists(expression: str) -> None:
    assert named(expression)
    assert named(expression) <= set(series())


@pytest.mark.parametrize("name", told())
def test_what_is_told_is_shown(name: str) -> None:
    assert any(name in {one.removesuffix("_bucket") for one in named(expression)} for expression in ASKED)


@pytest.mark.parametrize("expression", ASKED)
def test_a_counter_is_shown_as_a_rate_and_nothing_else_is(expression: str) -> None:
    counted = {one for one in named(expression) if one.endswith(("_total", "_bucket"))}
    assert set(re.findall(r"rate\((unsay_\w+)", expression)) == counted


def test_panels_are_told_apart_and_do_not_overlap() -> None:
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in BOARD["panels"]}
    numbers = {panel["id"] for panel in BOARD["panels"]}
    assert len(places) == len(numbers) == len({panel["title"] for panel in BOARD["panels"]})
    assert len(places) == len(BOARD["panels"])
