"""What would break the engine, or was not sealed by the gateway, is refused at the door."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from index.key import load_or_create_key
from steering.admission import MOST, Door, check_sizes
from steering.directive import Directive, seal
from steering.settings import Settings

NOW = 1000.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    load_or_create_key(tmp_path / "key")
    return Settings(artefact=tmp_path, key=tmp_path / "key")


@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_lists_are_bounded_by_what_the_engine_bears(name: str, most: int) -> None:
    check_sizes(SimpleNamespace(**{name: list(range(most))}))
    check_sizes(SimpleNamespace(**{name: None}))
    with pytest.raises(ValueError, match=f"{name}: expected at most {most} items"):
        check_sizes(SimpleNamespace(**{name: list(range(most + 1))}))


def test_a_directive_is_opened_with_the_key_or_refused(settings: Settings) -> None:
    sealed = seal(Directive(), settings.read_key(), NOW, 60.0)
    Door.of(settings).check({"unsay": sealed}, NOW)
    with pytest.raises(ValueError, match="too old"):
        Door.of(settings).check({"unsay": sealed}, NOW + 61)


@pytest.mark.parametrize("found", ["", "x" * 100, 7, ["x"], "x" * 10**6], ids=range(5))
def test_what_the_gateway_has_not_sealed_is_refused(settings: Settings, found: Any) -> None:
    with pytest.raises(ValueError, match=r"^directive: "):
        Door.of(settings).check({"unsay": found}, NOW)


def test_a_request_past_the_gateway_is_refused_where_that_is_asked_for(settings: Settings) -> None:
    Door.of(settings).check(None, NOW)
    with pytest.raises(ValueError, match="through the gateway only"):
        Door.of(settings.model_copy(update={"require": True})).check({}, NOW)
