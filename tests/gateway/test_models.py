"""An entry that binds no model is told once the models are known, and again only when they change."""

import asyncio
import logging

import pytest

from gateway.config import Config
from gateway.errors import ApiError
from gateway.models import Models
from gateway.upstream.client import Listed, UpstreamClient
from policy.entry import Entry

ENTRIES = (Entry("crane", models=("dmeo",)), Entry("stone"))


class Listing(UpstreamClient):
    """A model server that lists these."""

    def __init__(self, *names: str) -> None:
        config = Config()
        super().__init__(config.upstream, config.limits)
        self.names = names

    async def models(self) -> Listed:
        return Listed(self.names)


@pytest.mark.usefixtures("_asked_each_time")
def test_the_model_servers_own_names_are_compared_when_they_change(caplog: pytest.LogCaptureFixture) -> None:
    upstream = Listing("demo")
    models = Models(Config(), upstream, 0, ENTRIES)

    async def asked() -> int:
        caplog.clear()
        await models.names()
        return len(caplog.messages)

    with caplog.at_level(logging.WARNING, "unsay"):
        assert asyncio.run(asked()) == 1
        assert caplog.messages[0].startswith("models: 'dmeo' in crane fits none of 'demo' (did you mean")
        assert asyncio.run(asked()) == 0
        upstream.names = ("demo", "dmeo")
        assert asyncio.run(asked()) == 0
        upstream.names = ("other",)
        assert asyncio.run(asked()) == 1


@pytest.fixture
def _asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.models.FRESH_S", -1.0)


def test_a_key_that_is_not_there_any_more_has_no_models() -> None:
    """It was let in, and the settings changed while its body came."""
    models = Models(Config(), Listing("demo"), 0)
    assert asyncio.run(models.names(None)).keys() == {"demo"}
    assert asyncio.run(models.names("gone")) == {}
    with pytest.raises(ApiError) as caught:
        asyncio.run(models.choose("demo", "gone"))
    assert caught.value.code == "model_not_found"


def test_an_entry_that_binds_any_name_of_a_model_binds_it_by_all() -> None:
    table = {
        "a": {"model": "x", "unlearned": "y", "aliases": ["b"]},
        "raw": {"model": "x", "unlearned": None},
    }
    models = Models(Config.model_validate({"models": table}), Listing(), 0)
    for name in ("a", "b", "raw"):
        called = asyncio.run(models.choose(name, None)).called
        assert set(called.names or ()) == {"a", "b", "raw", "x", "y"}
