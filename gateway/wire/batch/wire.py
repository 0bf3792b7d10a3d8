"""The table of several conversations: chat's, but for its contract and how a request is read. No streams."""

from dataclasses import replace

from gateway.wire.batch.request import read_batch
from gateway.wire.chat.wire import chat
from gateway.wire.contract import load_contract
from gateway.wire.wire import Wire


def batch() -> Wire:
    return replace(
        chat(),
        name="batch",
        route="/v1/chat/completions/batch",
        path="chat/completions/batch",
        contract=load_contract("batch"),
        reads=read_batch,
        pieces=None,
    )
