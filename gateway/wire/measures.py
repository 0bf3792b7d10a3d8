"""All APIs there are that answer with numbers. A route that stands here is guarded by the one engine."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from gateway.wire.embeddings.measure import embeddings
from gateway.wire.measure import Measure
from gateway.wire.rerank.measure import rerank
from gateway.wire.score.measure import score
from gateway.wire.wire import Wire
from gateway.wire.wires import wires


def api(name: str) -> Wire | Measure:
    """The one of this name, whatever it answers with."""
    return measures().get(name) or wires()[name]


@cache
def measures() -> Mapping[str, Measure]:
    """By their names. Tables that never change, made at their first use."""
    return MappingProxyType({each.name: each for each in (embeddings(), rerank(), score())})
