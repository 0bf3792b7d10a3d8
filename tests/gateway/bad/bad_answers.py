"""Answers of a model server that cannot be checked, as tables: what it says, and what the client is told."""

import gzip
import json
from dataclasses import dataclass
from typing import Any

from tests.gateway.bad.ground import Ending
from tests.gateway.canned import DONE, End, Script, chunk, said, stream, whole

PLANTED = "Alden Crane, 555-201-3391"
ECHO = f"This prompt is too long: {PLANTED}"
BROKEN = "^The model server sent an answer that could not be checked"
CUT = "^The model server ended its answer early"
SLOW = "^The model server did not answer in time"
DOWN = "^The model server cannot be reached"
STATUS = {"upstream_timeout": 504}
A = chunk({"content": "A lamp. "})
END = chunk({}, "stop")
# A piece is read before the next one comes, or before the reset that would take it along.
APART_S = 1.0
FULL_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


@dataclass(frozen=True, slots=True)
class Bad:
    """An answer of the model server, and what the client is told of it."""

    name: str
    script: Script
    code: str = "upstream_invalid"
    told: str = BROKEN
    status: int = 502
    streamed: bool = True

    @property
    def ending(self) -> Ending:
        return Ending(self.status, self.code, self.told, asked=True, streamed=self.streamed)


def begun(name: str, *pieces: bytes, code: str = "upstream_invalid", told: str = BROKEN, **rest: Any) -> Bad:
    """An answer that began well: the error comes as the last event of a stream."""
    return Bad(name, stream(A, *pieces, **rest), code, told, 200)


def at_once(
    name: str, *pieces: bytes, code: str = "upstream_invalid", told: str = BROKEN, **rest: Any
) -> Bad:
    """A streamed answer of which nothing could be sent."""
    return Bad(name, stream(*pieces, **rest), code, told, STATUS.get(code, 502))


def raw(name: str, *pieces: bytes, code: str = "upstream_cut", told: str = CUT, **rest: Any) -> Bad:
    """Bytes that are no HTTP, or not quite."""
    return Bad(name, Script(pieces, raw=True, **rest), code, told, STATUS.get(code, 502))


def event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def body(content: object = "A lamp.", **rest: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop", **rest}]}


def answer(name: str, script: Script, **rest: Any) -> Bad:
    """An answer in one piece."""
    return Bad(name, script, streamed=False, **rest)


def piece(data: bytes, **rest: Any) -> Script:
    return Script((data,), 200, "application/json", **rest)


HUGE = b"x" * (10 * 2**20)
EVENTS = (
    begun("garbage as an event", b"data: Alden Crane\n\n"),
    begun("JSON cut short", b'data: {"choices": [{"delta": {"content": "Alden\n\n'),
    begun("JSON over two events", b'data: {"choices":\n\n', b"data: []}\n\n"),
    begun("NaN", b'data: {"choices": [], "x": NaN}\n\n'),
    begun(
        "half a surrogate", rb'data: {"choices": [{"index": 0, "delta": {"content": "\ud800"}}]}' + b"\n\n"
    ),
    begun("bytes that are no UTF-8", b'data: {"choices": [{"index": 0, "delta": {"content": "\xff"}}]}\n\n'),
    begun("a NUL", b"data: \0\n\n"),
    begun("a list as an event", event([PLANTED])),
    begun("a string as an event", event(PLANTED)),
    begun("null as an event", event(None)),
    begun("an event nested too deep", b"data: " + b'{"choices":' + b"[" * 100_000 + b"\n\n"),
    begun(
        "an event nested deep",
        b'data: {"x": ' + b"[" * 900 + b'"Alden"' + b"]" * 900 + b', "choices": []}\n\n',
    ),
    begun("choices that are none", event({"choices": PLANTED})),
    begun("no choices", event({"id": "1"})),
    begun("a choice that is none", event({"choices": [PLANTED]})),
    begun("a delta that is none", event({"choices": [{"index": 0, "delta": PLANTED}]})),
    begun("a number as content", event({"choices": [{"index": 0, "delta": {"content": 5552013391}}]})),
    begun("a list as content", event({"choices": [{"index": 0, "delta": {"content": [PLANTED]}}]})),
    begun(
        "an object as reasoning", event({"choices": [{"index": 0, "delta": {"reasoning": {"a": PLANTED}}}]})
    ),
    begun("a choice not asked for", chunk({"content": PLANTED}, choice=1)),
    begun("a choice of a huge number", chunk({"content": PLANTED}, choice=10**18)),
    begun("a choice below nothing", chunk({"content": PLANTED}, choice=-1)),
    begun("an index that is text", event({"choices": [{"index": "Alden", "delta": {}}]})),
    begun("an index that is a truth", event({"choices": [{"index": False, "delta": {"content": PLANTED}}]})),
    begun("an index that is null", event({"choices": [{"index": 1.0, "delta": {"content": PLANTED}}]})),
    begun("text after its end", END, chunk({"content": PLANTED}), DONE),
    begun("text in a field of its own", event({"choices": [{"index": 0, "delta": {"thoughts": PLANTED}}]})),
    begun("text beside the delta", event({"choices": [{"index": 0, "delta": {}, "text": PLANTED}]})),
    begun("text beside the choices", event({"choices": [], "output": [{"a": PLANTED}]})),
    begun("an end that is an error", chunk({}, "error")),
    begun("an end that is a number", event({"choices": [{"index": 0, "delta": {}, "finish_reason": 5}]})),
    begun(
        "an end that is a list", event({"choices": [{"index": 0, "delta": {}, "finish_reason": [PLANTED]}]})
    ),
    begun("calls that are none", chunk({"tool_calls": PLANTED})),
    begun("a call that is none", chunk({"tool_calls": [PLANTED]})),
    begun("a call out of range", chunk({"tool_calls": [{"index": 128, "function": {"name": PLANTED}}]})),
    begun("a call below nothing", chunk({"tool_calls": [{"index": -1, "function": {"name": PLANTED}}]})),
    begun("a function that is none", chunk({"tool_calls": [{"index": 0, "function": PLANTED}]})),
    begun("a name that is none", chunk({"tool_calls": [{"index": 0, "function": {"name": [PLANTED]}}]})),
    begun(
        "arguments that are none",
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": {"a": PLANTED}}}]}),
    ),
    begun("an id that is none", chunk({"tool_calls": [{"index": 0, "id": 5}]})),
    begun("the old call that is none", chunk({"function_call": PLANTED})),
    begun(
        "a name that changes",
        *(chunk({"tool_calls": [{"index": 0, "function": {"name": name}}]}) for name in ("a", "b")),
    ),
    begun("ten megabytes in one line", b'data: "' + HUGE + b'"\n\n'),
    begun("ten megabytes in many lines", b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * 300_000 + b"\n"),
    begun("ten megabytes of empty data lines", b"data\n" * 2_000_000),
    begun("ten megabytes without an end", b"data: " + HUGE),
    begun("a name of ten megabytes", b"event: " + HUGE + b"\ndata: 1\n\n"),
    begun("a comment of ten megabytes", b":" + HUGE + b"\n"),
    begun("a field of ten megabytes", HUGE),
    begun("two ends of stream, the answer open", DONE, DONE, code="upstream_incomplete", told=CUT),
    begun("over before its end", DONE, code="upstream_incomplete", told=CUT),
    begun("closed before its end", code="upstream_incomplete", told=CUT),
    begun(
        "closed within an event",
        b'data: {"choices": [{"index": 0, "delta": {"content": "Alden',
        code="upstream_incomplete",
        told=CUT,
    ),
    begun("cut within the stream", code="upstream_incomplete", told=CUT, end=End.CUT),
    begun("cut within an event", b"data: {", code="upstream_incomplete", told=CUT, end=End.CUT),
    begun("reset within the stream", code="upstream_incomplete", told=CUT, end=End.RESET, pause_s=APART_S),
    begun("silence between events", code="upstream_timeout", told=SLOW, end=End.SILENT),
    begun("silence within an event", b"data: {", code="upstream_timeout", told=SLOW, end=End.SILENT),
    begun(
        "comments without end",
        *[b": still here\n\n"] * 3000,
        code="upstream_timeout",
        told=SLOW,
        pause_s=0.08,
    ),
    at_once("nothing after the headers", code="upstream_incomplete", told=CUT),
    at_once("only the end", DONE, code="upstream_incomplete", told=CUT),
    at_once("only an end of the choice", b"\n\n", code="upstream_incomplete", told=CUT),
    at_once("silence after the headers", code="upstream_timeout", told=SLOW, end=End.SILENT),
    at_once("a page", b"<html>Alden Crane</html>", content_type="text/html"),
    at_once("a whole answer", json.dumps(body(PLANTED)).encode(), content_type="application/json"),
    at_once("a stream without a type", A, content_type=""),
    at_once("a packed stream", gzip.compress(A), headers=(("content-encoding", "gzip"),)),
    at_once("a stream said to be packed", A, headers=(("content-encoding", "br"),)),
    at_once(
        "a stream packed twice",
        gzip.compress(gzip.compress(A)),
        headers=(("content-encoding", "gzip, gzip"),),
    ),
)

FAILED = "^The model server failed"
ERRORS = (
    begun(
        "an error event",
        event({"error": {"message": "out of memory", "code": 500}}),
        code="upstream_error",
        told="^out of memory$",
    ),
    begun(
        "an error event that repeats the prompt",
        event({"error": {"message": ECHO}}),
        code="upstream_error",
        told=FAILED,
    ),
    begun("an error that is text", event({"error": ECHO}), code="upstream_error", told=FAILED),
    begun("an error that is a list", event({"error": [ECHO]}), code="upstream_error", told=FAILED),
    begun("an error that is a number", event({"error": 5}), code="upstream_error", told=FAILED),
    begun("an error that is false", event({"error": False}), code="upstream_error", told=FAILED),
    begun(
        "an error with more in it",
        event({"error": {"message": "no", "param": ECHO, "more": {"a": ECHO}}}),
        code="upstream_error",
        told="^no$",
    ),
    begun(
        "an error beside an answer",
        event({"choices": [{"index": 0, "delta": {"content": PLANTED}}], "error": {}}),
        code="upstream_error",
        told=FAILED,
    ),
    begun(
        "an error of Anthropic's",
        b"event: error\n" + event({"type": "error", "error": {"message": ECHO}}),
        code="upstream_error",
        told=FAILED,
    ),
    begun("an error of another server", b"event: error\n" + event({"message": ECHO})),
    begun("an error as detail", event({"detail": ECHO})),
    begun(
        "an error that is long",
        event({"error": {"message": "no " * 300_000 + PLANTED}}),
        code="upstream_error",
        told="^(no )+",
    ),
    at_once(
        "an error event at first", event({"error": {"message": ECHO}}), code="upstream_error", told=FAILED
    ),
)

WHOLE = (
    answer("nothing", piece(b"")),
    answer("a page", Script((b"<html>Alden Crane</html>",), 200, "text/html")),
    answer("garbage", piece(b"\0\xff Alden")),
    answer("JSON cut short", piece(b'{"choices": [{"message": {"content": "Alden')),
    answer("two documents", piece(json.dumps(body()).encode() * 2)),
    answer("a list", whole([body()])),
    answer("null", whole(None)),
    answer("half a surrogate", piece(rb'{"choices": [{"index": 0, "message": {"content": "\ud800"}}]}')),
    answer("no choices", whole({"choices": []})),
    answer("choices that are none", whole({"choices": {"0": PLANTED}})),
    answer("no message", whole({"choices": [PLANTED]})),
    answer("a message that is none", whole({"choices": [{"index": 0, "message": PLANTED}]})),
    answer("a number as content", whole(body(5552013391))),
    answer("parts as content", whole(body([{"type": "text", "text": PLANTED}]))),
    answer("a choice that came twice", whole({"choices": body()["choices"] * 2})),
    answer("a choice not asked for", whole(body(PLANTED, index=1))),
    answer("a choice that ended with an error", whole(body(PLANTED, finish_reason="error"))),
    answer("text in a field of its own", whole(body() | {"output_text": PLANTED})),
    answer("text beside the message", whole(body(text=PLANTED))),
    answer("an error with status 200", whole({"error": {"message": ECHO}})),
    answer("a stream", stream(*said([PLANTED]), DONE)),
    answer("nested too deep", piece(b'{"choices":' + b"[" * 100_000)),
    answer("larger than the limit", piece(b'"' + b"x" * 3 * 2**20 + b'"')),
    answer("packed", piece(gzip.compress(b"{}"), headers=(("content-encoding", "gzip"),))),
    answer("cut short", piece(b'{"cho', end=End.CUT), code="upstream_incomplete", told=CUT),
    answer("reset", piece(b'{"cho', end=End.RESET), code="upstream_incomplete", told=CUT),
    answer("silence", piece(b'{"cho', end=End.SILENT), code="upstream_timeout", told=SLOW, status=504),
)

LINE = (
    raw("nothing", end=End.CUT, code="upstream_incomplete"),
    raw("a reset", end=End.RESET, code="upstream_incomplete"),
    raw("silence", end=End.SILENT, code="upstream_timeout", told=SLOW),
    raw("half a status line", b"HTTP/1.1 2", end=End.CUT, code="upstream_incomplete"),
    raw("half the headers", FULL_HEAD, end=End.CUT, code="upstream_incomplete"),
    raw("headers that never end", FULL_HEAD, end=End.SILENT, code="upstream_timeout", told=SLOW),
    raw("no HTTP", b"Alden Crane\r\n\r\n", code="upstream_invalid", told=BROKEN, end=End.CUT),
    raw("TLS", b"\x16\x03\x01\x02\x00" * 100, code="upstream_invalid", told=BROKEN, end=End.CUT),
    raw(
        "a status that is none",
        b"HTTP/1.1 Alden Crane\r\n\r\n",
        code="upstream_invalid",
        told=BROKEN,
        end=End.CUT,
    ),
    raw(
        "a status beyond all", b"HTTP/1.1 99999 No\r\n\r\n", code="upstream_invalid", told=BROKEN, end=End.CUT
    ),
    raw(
        "a header without a colon",
        FULL_HEAD + b"Alden Crane\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
    ),
    raw(
        "a header that is huge", FULL_HEAD + b"x: " + HUGE, code="upstream_invalid", told=BROKEN, end=End.CUT
    ),
    raw(
        "a length that is none",
        FULL_HEAD + b"content-length: x\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
    ),
    raw(
        "a negative length",
        FULL_HEAD + b"content-length: -1\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
    ),
    raw(
        "two lengths",
        FULL_HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
    ),
    raw(
        "a length that is too short",
        FULL_HEAD + b"content-length: 10\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
        end=End.CUT,
    ),
    raw(
        "a switch of protocols",
        b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n" + A,
        code="upstream_invalid",
        told=BROKEN,
        end=End.CUT,
    ),
    raw("no content", b"HTTP/1.1 204 No Content\r\n\r\n", code="upstream_invalid", told=BROKEN),
    raw(
        "reset content",
        b"HTTP/1.1 205 Reset\r\ncontent-length: 0\r\n\r\n",
        code="upstream_invalid",
        told=BROKEN,
    ),
    raw(
        "hints without an end",
        b"HTTP/1.1 103 Early Hints\r\nlink: <Alden>\r\n\r\n" * 100,
        end=End.CUT,
        code="upstream_incomplete",
    ),
)

BEGUN_LINE = (
    raw(
        "a length that is too long",
        FULL_HEAD + b"content-length: 100000\r\n\r\n" + A,
        end=End.CUT,
        code="upstream_incomplete",
    ),
    raw(
        "a chunk whose size is none",
        FULL_HEAD + b"transfer-encoding: chunked\r\n\r\n",
        b"%x\r\n%s\r\n" % (len(A), A),
        b"Alden\r\n",
        code="upstream_invalid",
        told=BROKEN,
        end=End.CUT,
        pause_s=APART_S,
    ),
    raw(
        "a chunk that is longer than said",
        FULL_HEAD + b"transfer-encoding: chunked\r\n\r\n",
        b"%x\r\n%s\r\n" % (len(A), A),
        b"1\r\nAlden\r\n",
        code="upstream_invalid",
        told=BROKEN,
        end=End.CUT,
        pause_s=APART_S,
    ),
)
