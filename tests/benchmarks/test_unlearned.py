"""What the prompt brings back is told as it was answered, and a gateway that lets it through is told, too."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.unlearned import PLAIN, TOLD, End, Found, Ways, asked, page
from evaluation.accomplice import serving
from evaluation.wordings import UNKNOWN
from evaluation.world import generated_world
from tests.evaluation.stand_in import standing_in

TRIES: Final = 8
WORLD = generated_world(7, 8, 24)
ASKED: Final = {"world": {"seed": 7, "people": 8, "retained": 24}}


@pytest.fixture(scope="module")
def before() -> Iterator[End]:
    with serving(WORLD.trained) as url:
        yield End(url, "before")


@pytest.fixture(scope="module")
def unlearned() -> Iterator[End]:
    """It was told of nobody, and reads what a prompt tells."""
    with serving(()) as url:
        yield End(url, "unlearned")


def found(ways: Ways, work: Path) -> Found:
    return asked(ways, work, TRIES, ASKED)


def silent(body: Mapping[str, Any]) -> tuple[int, str]:
    return 200, UNKNOWN


def test_weights_tell_less_when_asked_and_as_much_when_told(
    before: End, unlearned: End, tmp_path: Path
) -> None:
    with standing_in(silent) as url:
        shown = found(Ways(before, unlearned, End(url, "silent")), tmp_path)

    first, second = shown.row(PLAIN)
    assert first.bare == 1.0
    assert second.bare == 0.0
    told = [shown.row(name)[1] for name in TOLD]
    assert max(one.bare or 0.0 for one in told) == 1.0
    assert [one.leaks for one in told] == [0] * len(TOLD)
    assert shown.missing == []
    assert "0 answers told a fact" in page(shown, "the test", TRIES)


def test_who_stands_open_and_forgets_nothing_shows_nothing(before: End, tmp_path: Path) -> None:
    shown = found(Ways(before, before, before), tmp_path)

    assert [claim.partition(",")[0] for claim in shown.missing] == [
        "the weights were to tell less when asked",
        "Unsay let something through",
    ]


def test_a_model_that_reads_nothing_shows_nothing(before: End, tmp_path: Path) -> None:
    with standing_in(silent) as url:
        deaf = End(url, "deaf")
        shown = found(Ways(before, deaf, deaf), tmp_path)

    assert shown.missing == ["no prompt brought anything back without Unsay"]
