"""The table of counts: the prompt of a message in, as many tokens as the model server counts."""

from gateway.wire.contract import load_contract
from gateway.wire.count_tokens.answer import CountWriter, understood
from gateway.wire.messages.framing import MessagesFraming
from gateway.wire.messages.request import read_messages
from gateway.wire.wire import Wire


def count_tokens() -> Wire:
    return Wire(
        name="count_tokens",
        route="/v1/messages/count_tokens",
        path="messages/count_tokens",
        prefix="count_",
        prompt="messages",
        lengths=(),
        contract=load_contract("count_tokens"),
        reads=read_messages,
        understands=understood,
        writer=CountWriter,
        framing=MessagesFraming,
    )
