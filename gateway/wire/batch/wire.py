"""The table of several conversations: chat's, but for how a request is read. It is never streamed."""

from dataclasses import replace

from gateway.wire.batch.request import read_batch
from gateway.wire.chat.wire import chat
from gateway.wire.wire import Wire


def batch() -> Wire:
    return replace(
        chat(),
        name="batch",
        route="/v1/chat/completions/batch",
        path="chat/completions/batch",
        reads=read_batch,
        pieces=None,
    )
