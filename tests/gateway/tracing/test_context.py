"""A request's trace is the one that its client says, and nobody has more told than the settings say."""

import re

import pytest

from gateway.config_tracing import Tracing
from gateway.tracing.context import begun, fresh

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def given(*headers: str) -> dict[bytes, list[bytes]]:
    return {b"traceparent": [header.encode() for header in headers]} if headers else {}


def test_a_trace_that_is_told_goes_on() -> None:
    context = begun(given(f"00-{TRACE}-{SPAN}-01"), Tracing())
    assert context is not None
    assert (context.trace, context.caller) == (int(TRACE, 16), int(SPAN, 16))
    assert context.header(7) == f"traceparent: 00-{TRACE}-{7:016x}-01\r\n".encode()
    assert context.parent() == f"00-{TRACE}-{context.span:016x}-01"
    assert len({context.caller, context.span, context.scan, fresh()}) == 4


def test_a_trace_that_is_not_told_is_not_told_here() -> None:
    assert begun(given(f"00-{TRACE}-{SPAN}-00"), Tracing()) is None


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01"),
        (f"00-{TRACE.upper()}-{SPAN}-01",),
        (f"00-{'0' * 32}-{SPAN}-01",),
        (f"00-{TRACE}-{'0' * 16}-01",),
        (f"00-{TRACE}-{SPAN}-01\r\nX: y",),
        ("Alden Crane",),
    ],
)
def test_what_is_no_context_begins_a_trace(headers: tuple[str, ...]) -> None:
    context = begun(given(*headers), Tracing())
    assert context is not None
    assert context.caller is None
    assert context.trace != int(TRACE, 16)
    assert re.fullmatch(rb"traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\n", context.header(context.span))


def test_a_client_cannot_join_a_trace_where_the_settings_do_not_let_it() -> None:
    context = begun(given(f"00-{TRACE}-{SPAN}-01"), Tracing(continues=False))
    assert context is not None
    assert context.trace != int(TRACE, 16)


def test_so_many_traces_are_told_as_the_settings_say() -> None:
    told = sum(begun({}, Tracing(share=0.25)) is not None for _ in range(4000))
    assert 800 < told < 1200
    assert begun(given(f"00-{TRACE}-{SPAN}-01"), Tracing(share=0)) is None
