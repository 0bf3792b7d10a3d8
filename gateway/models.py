"""Which models there are, by their public names, and what the model server calls each.

Rule: a name that is not listed is never sent on.
"""

import logging
import time
from collections.abc import Collection, Iterable

from gateway.config import Config
from gateway.errors import Json, bad_request, no_model
from gateway.upstream.client import UpstreamClient
from policy.binding import Binding, unbound

log = logging.getLogger("unsay")

FRESH_S = 30.0
RETRY_S = 1.0


class Models:
    """The configured names, or where there are none the model server's own, asked for now and then."""

    def __init__(
        self, config: Config, upstream: UpstreamClient, started: int, entries: Iterable[Binding] = ()
    ) -> None:
        self._configured = dict(config.models)
        self._entries = tuple(entries)
        self._upstream = upstream
        self._started = started
        self._found: dict[str, str] = {}
        self._asked = float("-inf")

    async def names(self) -> dict[str, str]:
        if self._configured:
            return self._configured
        if time.monotonic() - self._asked > FRESH_S:
            await self._ask()
        return self._found

    async def choose(self, name: str | None) -> tuple[str, str, tuple[str, ...]]:
        """The public name, the model server's, and all that the model has: an entry that binds one binds it.

        Without a name there must be just one model.
        """
        names = await self.names()
        if name is None:
            if len(names) != 1:
                raise bad_request("model: expected a value; see /v1/models.", "model", "invalid_value")
            name = next(iter(names))
        if name not in names and not self._configured and time.monotonic() - self._asked > RETRY_S:
            names = await self._ask()
        if name not in names:
            raise no_model()
        own = names[name]
        aliases = [alias for alias, each in names.items() if each == own]
        return name, own, tuple(dict.fromkeys((name, own, *aliases)))

    async def listed(self) -> list[Json]:
        return [self.shown(name) for name in await self.names()]

    async def one(self, name: str) -> Json:
        if name not in await self.names():
            raise no_model()
        return self.shown(name)

    def shown(self, name: str) -> Json:
        return {"id": name, "object": "model", "created": self._started, "owned_by": "unsay"}

    async def _ask(self) -> dict[str, str]:
        found = {name: name for name in await self._upstream.models()}
        if found != self._found:
            warn_of_unbound(self._entries, found)
        self._found = found
        self._asked = time.monotonic()
        return self._found


def configured_names(config: Config) -> frozenset[str]:
    """All names of the configured models, the public ones and the model server's."""
    return frozenset({*config.models, *config.models.values()})


def warn_of_unbound(entries: Iterable[Binding], names: Collection[str]) -> None:
    for warning in unbound(entries, names):
        log.warning("%s", warning)
