"""Whatever is wrong with a request's way over the line: its headers, its key, its route, its length.

What is HTTP and what is not is tried in test_protocol.py; here every case must leave the gateway as it was.
"""

import json
from dataclasses import dataclass

import pytest

from tests.gateway.bad.ground import KEY, OPERATOR, Ending, Ground, code_of, encoded, heard_as, request, talk
from tests.gateway.served import until

PLANTED = "Alden Crane"
HELLO = encoded()
HEAD = (
    "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n"
    "content-type: application/json\r\n"
)
BEARER = f"authorization: Bearer {KEY.decode()}"
LARGE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Bad:
    """What is said in these pieces, and what must become of it."""

    name: str
    said: tuple[bytes, ...]
    ending: Ending
    pause_s: float = 0.0


def head(*lines: str) -> bytes:
    return (HEAD + "".join(line + "\r\n" for line in lines) + "\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


NO_KEY = Ending(401, "invalid_api_key", "^Authorization: expected a known key, .+, found", recorded=False)


def key(name: str, *lines: str) -> Bad:
    """A request whose Authorization lines are these."""
    return Bad(f"key: {name}", (request(HELLO, *lines, key=None),), NO_KEY)


KEYS = (
    key("none"),
    key("no value", "authorization:"),
    key("only the scheme", "authorization: Bearer"),
    key("only the scheme and a space", "authorization: Bearer "),
    key("another scheme", f"authorization: Basic {KEY.decode()}"),
    key("no scheme", f"authorization: {KEY.decode()}"),
    key("a wrong one", f"authorization: Bearer {PLANTED}"),
    key("one with more behind it", f"{BEARER} x"),
    key("one in quotes", f'authorization: Bearer "{KEY.decode()}"'),
    key("cut short", f"{BEARER[:-1]}"),
    key("in capitals", f"authorization: Bearer {KEY.decode().upper()}"),
    key("the hash of it", "authorization: Bearer " + "0" * 64),
    key("very long", "authorization: Bearer " + "k" * 10_000),
    key("bytes that are no text", "authorization: Bearer \xff\xfe"),
    key("two in one", f"{BEARER}, {BEARER.removeprefix('authorization: ')}"),
    key("a right one and a wrong one", BEARER, "authorization: Bearer wrong"),
    key("a wrong one and a right one", "authorization: Bearer wrong", BEARER),
    key("the same twice", BEARER, BEARER),
    key("two right ones", BEARER, f"authorization: Bearer {OPERATOR.decode()}"),
    key("under another header", f"api-key: {KEY.decode()}"),
    key("under both headers", BEARER, f"x-api-key: {KEY.decode()}"),
    key("in a cookie", f"cookie: authorization=Bearer {KEY.decode()}"),
)

NO_ROUTE = Ending(404, "not_found", "^The path: expected a listed route, found none", recorded=False)
PATHS = (
    "//v1/chat/completions",
    "/v1//chat/completions",
    "/v1/chat/completions/",
    "/v1/chat/completions//",
    "/v1/chat/completions/Alden%20Crane",
    "/v1/chat/completions;a=b",
    "/v1/./chat/completions",
    "/v1/../v1/chat/completions",
    "/v1/%2e%2e/v1/chat/completions",
    "/v1/%2E%2E/completions",
    "/v1/chat/completions%00",
    "/v1/chat/completions%20",
    "/v1/chat/completions%2f",
    "/v1/chat/completions%3F",
    "/v1/chat%252Fcompletions",
    "/V1/chat/completions",
    "/v1/chat/Completions",
    "/v1\\chat\\completions",
    "/v1%5cchat%5ccompletions",
    "/%76%31/chat/completions%ff",
    "/v1/audio/transcriptions",
    "/v1/files",
    "/Alden%20Crane",
    "/",
    "/?path=/v1/chat/completions",
    "http://gateway/v1/files",
    "http://127.0.0.1:1/v1/files",
)
NO_METHOD = Ending(
    405,
    "method_not_allowed",
    "^The method: expected one that this route takes, found another",
    recorded=False,
)
METHODS = ("GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "LINK", "QUERY")

TOO_LARGE = Ending(413, "body_too_large", f"^The body: expected at most {LARGE} bytes, found more")
LATE = Ending(408, "timeout", "^The body: expected all of it in time, found less")
LONG_HEAD = Ending(431, "headers_too_large", "expected at most .+, found more", recorded=False)
SIZES = (
    Bad("a body over the limit", (request(b" " * (LARGE + 1)),), TOO_LARGE),
    Bad("a body far over the limit", (request(b" " * (3 * LARGE)),), TOO_LARGE),
    Bad("a length over the limit, and no body", (request(b"", length=LARGE + 1),), TOO_LARGE),
    Bad("a length of 30 digits", (head(BEARER, "content-length: " + "9" * 18), b"{}"), TOO_LARGE),
    Bad(
        "chunks over the limit",
        (head(BEARER, "transfer-encoding: chunked"), *[chunk(b" " * 2**18)] * 17, b"0\r\n\r\n"),
        TOO_LARGE,
    ),
    Bad(
        "a chunk that says it is huge",
        (head(BEARER, "transfer-encoding: chunked"), b"fffffff\r\n" + b" " * (LARGE + 1)),
        TOO_LARGE,
    ),
    Bad("a length that is too long", (request(HELLO, length=len(HELLO) + 1),), LATE),
    Bad("a length and no body", (request(b"", length=100),), LATE),
    Bad("a chunk that never comes", (head(BEARER, "transfer-encoding: chunked"), b"64\r\n{"), LATE),
    Bad("chunks that never end", (head(BEARER, "transfer-encoding: chunked"), chunk(HELLO)), LATE),
    Bad(
        "a body that drips",
        (head(BEARER, "content-length: 100"), *[b" "] * 15),
        LATE,
        pause_s=0.1,
    ),
    Bad("a header that is too long", (request(HELLO, f"x: {PLANTED * 2000}"),), LONG_HEAD),
    Bad("a header that is a megabyte", (request(HELLO, f"x: {'a' * 2**20}"),), LONG_HEAD),
    Bad("a header's name that is too long", (request(HELLO, f"{'x' * 20_000}: 1"),), LONG_HEAD),
    Bad("a path that is too long", (request(HELLO, path="/" + "a" * 20_000),), LONG_HEAD),
    Bad("too many headers", (request(HELLO, *(f"x-{n}: 1" for n in range(400))),), LONG_HEAD),
    Bad("the same header too often", (request(HELLO, *["cookie: a=b"] * 400),), LONG_HEAD),
    Bad("a key that is too long", (request(HELLO, "authorization: " + "k" * 20_000, key=None),), LONG_HEAD),
)  # fmt: skip

NO_HTTP = Ending(400, "invalid_http", "^Expected an HTTP/1.1 request, found", recorded=False)
MALFORMED = (
    Bad("a length that is too short", (request(HELLO, length=10),), Ending(400, "invalid_json")),
    Bad("a length that is no number", (head(BEARER, f"content-length: {PLANTED}"),), NO_HTTP),
    Bad("a negative length", (head(BEARER, "content-length: -1"),), NO_HTTP),
    Bad("two lengths", (request(HELLO, "content-length: 1"),), NO_HTTP),
    Bad("a length beyond all", (head(BEARER, "content-length: " + "9" * 30),), NO_HTTP),
    Bad("a length and chunks", (request(HELLO, "transfer-encoding: chunked"),), NO_HTTP),
    Bad("an unknown coding", (head(BEARER, "transfer-encoding: gzip"),), NO_HTTP),
    Bad("a header without a colon", (request(HELLO, PLANTED),), NO_HTTP),
    Bad("a header without a name", (request(HELLO, f": {PLANTED}"),), NO_HTTP),
    Bad("a header with a NUL", (request(HELLO, f"x: {PLANTED}\0"),), NO_HTTP),
    Bad("a name with a space", (request(HELLO, f"{PLANTED}: x"),), NO_HTTP),
    Bad("a folded header", (request(HELLO, "x: a", f" {PLANTED}"),), NO_HTTP),
    Bad("two hosts", (request(HELLO, "host: other"),), NO_HTTP),
    Bad("a method that is none", (request(HELLO, method="ALDEN"),), NO_HTTP),
    Bad("another version", (b"POST /v1/chat/completions HTTP/3.0\r\n\r\n",), NO_HTTP),
    Bad("no HTTP", (b"\x16\x03\x01\x02\x00" + PLANTED.encode() + b"\r\n\r\n",), NO_HTTP),
    Bad("HTTP/2 straight away", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",), NO_HTTP),
    Bad("a tunnel", (b"CONNECT evil:443 HTTP/1.1\r\nhost: evil:443\r\n\r\n",), NO_HTTP),
    Bad(
        "a chunk whose size is no number",
        (head(BEARER, "transfer-encoding: chunked"), b"Alden\r\n"),
        Ending(400, "invalid_http", "^Expected an HTTP/1.1 request, found", late=True),
    ),
)


LATER = [bad for bad in SIZES if bad.ending is LATE]


@pytest.mark.parametrize("bad", LATER, ids=lambda bad: bad.name)
def test_a_body_that_does_not_come_in_time_is_told_and_nothing_else_changes(
    bad: Bad, hasty_ground: Ground
) -> None:
    assert code_of(hasty_ground.treat(bad.said, bad.ending, bad.pause_s)) == bad.ending.code


AT_ONCE = [bad for bad in (*KEYS, *SIZES, *MALFORMED) if bad not in LATER]


@pytest.mark.parametrize("bad", AT_ONCE, ids=lambda bad: bad.name)
def test_a_request_that_comes_in_a_wrong_way_is_told_and_nothing_else_changes(
    bad: Bad, ground: Ground
) -> None:
    assert code_of(ground.treat(bad.said, bad.ending, bad.pause_s)) == bad.ending.code


@pytest.mark.parametrize("path", PATHS)
def test_a_path_by_a_trick_is_no_route(path: str, ground: Ground) -> None:
    assert code_of(ground.treat([request(HELLO, path=path)], NO_ROUTE)) == NO_ROUTE.code


@pytest.mark.parametrize("method", METHODS)
def test_another_method_is_told(method: str, ground: Ground) -> None:
    assert code_of(ground.treat([request(b"", method=method)], NO_METHOD)) == NO_METHOD.code


@pytest.mark.parametrize("path", ["/v1/chat%2Fcompletions", "http://evil.example/v1/chat/completions"])
@pytest.mark.parametrize("question", ["Hello!", PLANTED])
def test_the_route_by_another_spelling_is_the_same_route(path: str, question: str, ground: Ground) -> None:
    """Scanned as ever, and sent to the model server that is configured."""
    ground.play_good()
    body = encoded(messages=[{"role": "user", "content": question}])
    answered = ground.answered([request(body, path=path)])
    assert answered.status == 200
    assert len(ground.canned.asked) == (question == "Hello!")
    assert ground.stands()


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/demo", "/metrics"])
def test_a_side_route_wants_a_key_too(path: str, ground: Ground) -> None:
    assert code_of(ground.treat([request(b"", method="GET", path=path, key=b"wrong")], NO_KEY)) == NO_KEY.code


@pytest.mark.parametrize("name", ["Alden%20Crane", "%ff", "%00", "../demo", "demo/"])
def test_an_unknown_model_on_its_own_route_is_not_repeated(name: str, ground: Ground) -> None:
    told = "^The model does not exist; see /v1/models"
    raw = request(b"", method="GET", path=f"/v1/models/{name}")
    ending = Ending(404, "model_not_found", told, recorded=False)
    assert code_of(ground.treat([raw], ending)) == ending.code


def test_a_client_that_leaves_anywhere_leaves_its_record_and_nothing_else(ground: Ground) -> None:
    """From the end of its head on it is known who asked."""
    raw, before = request(HELLO), ground.lines()
    cuts = range(0, len(raw), 20)
    for cut in cuts:
        talk(ground.gateway.port, [raw[:cut]], shut=True)
    known = sum(b"\r\n\r\n" in raw[:cut] for cut in cuts)
    until(lambda: ground.lines() - before >= known)
    left = ground.gateway.records()[before:]
    assert [one["outcome"] for one in left] == ["left"] * known
    assert known > 1
    assert ground.stands()


def test_a_good_request_before_a_bad_one_on_one_line_is_answered(ground: Ground) -> None:
    ground.play_good()
    good = request(HELLO).replace(b"connection: close", b"connection: keep-alive")
    raw = talk(ground.gateway.port, [good, b"\0\0\0 Alden Crane"])
    assert heard_as(raw).text() == "The lamp turns."
    assert b"Alden" not in raw
    assert ground.stands()


def test_what_stands_in_a_query_or_a_fragment_is_not_read(ground: Ground) -> None:
    ground.play_good()
    for tail in ("?model=Alden", "?%ff", "#Alden", "?" + "a" * 5000):
        assert ground.answered([request(HELLO, path="/v1/chat/completions" + tail)]).status == 200
    assert "Alden" not in json.dumps([asked.path for asked in ground.canned.asked])
    assert ground.stands()
