"""The table of messages."""

from gateway.wire.contract import load_contract
from gateway.wire.messages.answer import pieces, understood
from gateway.wire.messages.framing import MessagesFraming
from gateway.wire.messages.request import read_messages
from gateway.wire.messages.writer import MessagesWriter
from gateway.wire.wire import Wire


def messages() -> Wire:
    return Wire(
        name="messages",
        route="/v1/messages",
        path="messages",
        prefix="msg_",
        prompt="messages",
        lengths=("max_tokens",),
        contract=load_contract("messages"),
        reads=read_messages,
        understands=understood,
        writer=MessagesWriter,
        framing=MessagesFraming,
        pieces=pieces,
    )
