"""The table of text completions."""

from gateway.wire.completions.answer import pieces, understood
from gateway.wire.completions.request import read_completion
from gateway.wire.completions.writer import CompletionFraming, CompletionWriter
from gateway.wire.contract import load_contract
from gateway.wire.wire import Wire


def completions() -> Wire:
    return Wire(
        name="completions",
        route="/v1/completions",
        path="completions",
        prefix="cmpl-",
        prompt="prompt",
        lengths=("max_tokens",),
        contract=load_contract("completions"),
        reads=read_completion,
        understands=understood,
        writer=CompletionWriter,
        framing=CompletionFraming,
        pieces=pieces,
    )
