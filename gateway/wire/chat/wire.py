"""The table of chat completions."""

from gateway.wire.chat.answer import pieces, understood
from gateway.wire.chat.request import read_chat
from gateway.wire.chat.writer import ChatFraming, ChatWriter
from gateway.wire.contract import load_contract
from gateway.wire.wire import Wire


def chat() -> Wire:
    return Wire(
        name="chat",
        route="/v1/chat/completions",
        path="chat/completions",
        prefix="chatcmpl-",
        prompt="messages",
        lengths=("max_tokens", "max_completion_tokens"),
        contract=load_contract("chat"),
        reads=read_chat,
        understands=understood,
        writer=ChatWriter,
        framing=ChatFraming,
        pieces=pieces,
    )
