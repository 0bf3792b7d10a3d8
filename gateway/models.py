"""Which models there are, by their public names, and what the model server calls each.

Rules: a name that is not listed is never sent on, and what a key may not ask for is as if it were not there.
The model server's names are said to nobody, but where they are public ones.
"""

import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.config import Config
from gateway.config_models import ServedModel, served
from gateway.errors import ApiError, Json, bad_request, no_model
from gateway.upstream.client import Listed, UpstreamClient
from policy.binding import Binding, Bound, unbound
from policy.entry import Called

log = logging.getLogger("unsay")

FRESH_S = 30.0
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """`name` is the client's, `upstream` the model server's. `called`: what binds entries."""

    name: str
    upstream: str
    called: Called


@dataclass(frozen=True, slots=True)
class Table:
    """By their public names, the models and all names of each: an entry that binds one name of a model binds
    it by whichever it was asked for.
    """

    models: Mapping[str, ServedModel]
    called: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(models: Mapping[str, ServedModel]) -> "Table":
        public: dict[str, list[str]] = {}
        for name, model in models.items():
            for own in model.own:
                public.setdefault(own, []).append(name)
        same = {
            name: dict.fromkeys(alias for own in model.own for alias in public[own])
            for name, model in models.items()
        }
        called = {
            name: dict.fromkeys((name, *aliases, *(own for alias in aliases for own in models[alias].own)))
            for name, aliases in same.items()
        }
        return Table(models, {name: tuple(names) for name, names in called.items()})

    def names(self) -> frozenset[str]:
        """All of them, the public ones and the model server's."""
        return frozenset(name for names in self.called.values() for name in names)


class Models:
    """The configured names, or where there are none the model server's own, asked for now and then."""

    def __init__(
        self, config: Config, upstream: UpstreamClient, started: int, entries: Iterable[Binding] = ()
    ) -> None:
        self._configured = Table.of(served(config.models))
        self._allowed = {key.name: key.models for key in config.keys}
        self._entries = tuple(entries)
        self._upstream = upstream
        self._started = started
        self._found, self._own = Listed(), Table.of({})
        self._asked = float("-inf")

    async def names(self, key: str | None = None) -> Mapping[str, ServedModel]:
        """Those that the key of this name may ask for; one that is not there any more may ask for none."""
        models, allowed = (await self._table()).models, self._allowed_to(key)
        return models if allowed is None else {name: models[name] for name in allowed if name in models}

    async def choose(self, name: str | None, key: str | None) -> Chosen:
        """What is asked for by this name. Without one there must be just one model."""
        names = await self.names(key)
        if name is None:
            if len(names) != 1:
                raise bad_request("model: expected a value; see /v1/models.", "model", "invalid_value")
            name = next(iter(names))
        if name not in names and not self._configured.models and time.monotonic() - self._asked > RETRY_S:
            await self._ask()
            names = await self.names(key)
        if name not in names:
            raise no_model()
        called = Called((await self._table()).called[name], key)
        return Chosen(name, next(iter(await self._there(names[name]))), called)

    async def listed(self, key: str | None) -> list[Json]:
        return [self.shown(name) for name in await self.names(key)]

    async def one(self, name: str, key: str | None) -> Json:
        if name not in await self.names(key):
            raise no_model()
        return self.shown(name)

    def shown(self, name: str) -> Json:
        return {"id": name, "object": "model", "created": self._started, "owned_by": "unsay"}

    async def asked_for(self) -> list[str]:
        """By the model server's names, all that it may now be asked for."""
        return sorted({name for model in (await self.names()).values() for name in await self._there(model)})

    async def hides(self, text: str, key: str | None) -> bool:
        """Whether it says a name that is not for this key; also where nobody knows what it may say."""
        if not self._configured.models and self._allowed_to(key) is None:
            return False
        try:
            listed = await self._listed()
            public = await self.names(key)
        except ApiError:
            return True
        hidden = {*self._configured.names(), *listed.names, *listed.others} - public.keys()
        return any(_says(text, name) for name in hidden)

    def _allowed_to(self, key: str | None) -> tuple[str, ...] | None:
        return None if key is None else self._allowed.get(key, ())

    async def _there(self, model: ServedModel) -> Sequence[str]:
        """Where it may fall back, those of its names that are listed; its first where nobody knows."""
        if len(model.asked) == 1:
            return model.asked
        try:
            listed = (await self._listed()).names
        except ApiError:
            return model.asked[:1]
        return [name for name in model.asked if name in listed] or model.asked[:1]

    async def _table(self) -> "Table":
        if not self._configured.models:
            await self._listed()
        return self._configured if self._configured.models else self._own

    async def _listed(self) -> Listed:
        if time.monotonic() - self._asked > FRESH_S:
            await self._ask()
        return self._found

    async def _ask(self) -> None:
        found = await self._upstream.models()
        if found != self._found:
            self._warn(found.names)
            self._own = Table.of({name: ServedModel(model=name) for name in found.names})
        self._found = found
        self._asked = time.monotonic()

    def _warn(self, names: Collection[str]) -> None:
        if not self._configured.models:
            warn_of_unbound(self._entries, names)
        for name, model in self._configured.models.items():
            if model.fall_back and model.unlearned not in names and model.model in names:
                log.warning("models: %r is asked for as it is: its unlearned form is not listed", name)


def configured_names(config: Config) -> frozenset[str]:
    """All names of the configured models, the public ones and the model server's."""
    return Table.of(served(config.models)).names()


def warn_of_unbound(entries: Iterable[Binding], names: Collection[str], bound: Bound = Bound.MODELS) -> None:
    for warning in unbound(entries, names, bound):
        log.warning("%s", warning)


def _says(text: str, name: str) -> bool:
    """Whether it stands there as a word of its own, in whatever case."""
    if not name or name.lower() not in text.lower():
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
