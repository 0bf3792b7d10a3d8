"""All wires there are. A route that stands here is guarded by the one engine."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from gateway.wire.batch.wire import batch
from gateway.wire.chat.wire import chat
from gateway.wire.completions.wire import completions
from gateway.wire.count_tokens.wire import count_tokens
from gateway.wire.messages.wire import messages
from gateway.wire.responses.wire import responses
from gateway.wire.wire import Wire


@cache
def wires() -> Mapping[str, Wire]:
    """By their names. Tables that never change, made at their first use."""
    listed = chat(), batch(), completions(), responses(), messages(), count_tokens()
    return MappingProxyType({wire.name: wire for wire in listed})
