"""The table of responses."""

from gateway.wire.contract import load_contract
from gateway.wire.responses.answer import understood
from gateway.wire.responses.request import read_responses
from gateway.wire.responses.writer import ResponsesFraming, ResponsesWriter
from gateway.wire.wire import Wire


def responses() -> Wire:
    return Wire(
        name="responses",
        route="/v1/responses",
        path="responses",
        prefix="resp_",
        prompt="input",
        lengths=("max_output_tokens",),
        contract=load_contract("responses"),
        reads=read_responses,
        understands=understood,
        writer=ResponsesWriter,
        framing=ResponsesFraming,
    )
