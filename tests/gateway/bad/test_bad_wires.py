"""Whatever is wrong with a request, every API says so in its own shape, and nothing of it is sent on."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest

from tests.gateway.bad.apis import APIS, PLANTED, Api
from tests.gateway.bad.ground import KEY, OPERATOR, Ground, ground_in, request
from tests.gateway.canned import Canned
from tests.gateway.wire import polyglot

BEARER = f"authorization: Bearer {KEY.decode()}"
LARGE = 4 * 2**20
Broken = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with (
        Canned(answers=polyglot.answers) as canned,
        ground_in(tmp_path_factory.mktemp("wires"), canned, litellm={}) as one,
    ):
        yield one


def told(ground: Ground, api: Api, raw: bytes, *, recorded: bool = True) -> tuple[int, str, str]:
    """What the API says of it, and that it was recorded and went nowhere."""
    ground.canned.asked.clear()
    lines = ground.lines()
    status, code, message = api.reason(ground.answered([raw]))
    assert ground.canned.asked == []
    assert ground.lines() - lines == recorded
    if recorded:
        last = ground.gateway.records()[-1]
        assert (last["status"], last["outcome"]) == (status, "rejected")
    return status, code, message


def asked(api: Api, body: bytes, *more: str, **rest: bytes | str | None) -> bytes:
    return request(body, *more, path=api.route, **rest)  # type: ignore[arg-type]


def more(written: bytes) -> Broken:
    """Something more, in front of all fields."""
    return lambda body: body.replace(b"{", b"{" + written + b", ", 1)


BODIES: dict[str, Broken] = {
    "nothing": lambda _: b"",
    "cut short": lambda body: body[:-1],
    "two documents": lambda body: body * 2,
    "a list": lambda body: b"[%b]" % body,
    "a form": lambda _: b"model=demo&input=Alden+Crane",
    "with a mark": lambda body: b"\xef\xbb\xbf" + body,
    "in UTF-16": lambda body: body.decode().encode("utf-16"),
    "with a byte that no UTF-8 has": lambda body: body.replace(b"demo", b"\xff"),
    "with half a surrogate": more(rb'"a": "\ud800"'),
    "with a key twice": more(b'"model": "demo"'),
    "with a key twice, escaped": more(rb'"mod\u0065l": "demo"'),
    "with a key twice within": more(b'"a": {"b": 1, "b": 2}'),
    "with NaN": more(b'"a": NaN'),
    "with a number beyond 64 bits": more(b'"a": 18446744073709551616'),
    "nested too deep": more(b'"a": ' + b"[" * 100_000 + b"]" * 100_000),
    "with a comment": lambda body: body + b" // Alden Crane",
    "with an unknown field": more(b'"brand_new": "Alden Crane"'),
    "with a field that is a text of ours": more(b'"Alden Crane": 1'),
    "with a model that is none": lambda body: body.replace(b'"demo"', b'["Alden Crane"]'),
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_a_body_that_cannot_be_read_is_told(api: Api, what: str, ground: Ground) -> None:
    found = told(ground, api, asked(api, BODIES[what](api.said())))
    codes = {api.named(400, code) for code in ("invalid_json", "invalid_value", "unknown_field")}
    assert found[0] == 400
    assert found[1] in codes
    assert found[2]


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_no_body_is_unpacked(api: Api, ground: Ground) -> None:
    body = api.said(PLANTED)
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body), "br": body, "zstd": body}
    packed |= {"identity, gzip": gzip.compress(body), "": body, "Alden": body}
    for coding, held in packed.items():
        found = told(ground, api, asked(api, held, f"content-encoding: {coding}"))
        assert found[:2] == (415, api.named(415, "unsupported_media_type")), coding
    twice = asked(api, packed["gzip"], "content-encoding: identity", "content-encoding: gzip")
    assert told(ground, api, twice)[0] == 415


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_another_type_and_two_of_them_are_told(api: Api, ground: Ground) -> None:
    for kind in ("", "text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=a"):
        found = told(ground, api, asked(api, api.said(PLANTED), kind=kind))
        assert found[:2] == (415, api.named(415, "unsupported_media_type"))
    assert told(ground, api, asked(api, api.said(PLANTED), "content-type: text/plain"))[0] == 415


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_a_body_over_the_limit_is_told(api: Api, ground: Ground) -> None:
    found = told(ground, api, asked(api, b" " * (LARGE + 1)))
    assert found[:2] == (413, api.named(413, "body_too_large"))


KEYS: dict[str, tuple[str, ...]] = {
    "none": (),
    "a wrong one": ("authorization: Bearer Alden",),
    "two right ones": (BEARER, f"authorization: Bearer {OPERATOR.decode()}"),
    "one in each header": (BEARER, f"x-api-key: {KEY.decode()}"),
    "a wrong one of Anthropic's": ("x-api-key: Alden Crane",),
    "the same twice": (BEARER, BEARER),
}


@pytest.mark.parametrize("what", KEYS)
@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_no_key_and_more_than_one_are_told(api: Api, what: str, ground: Ground) -> None:
    found = told(ground, api, asked(api, api.said(), *KEYS[what], key=None), recorded=False)
    assert found[:2] == (401, api.named(401, "invalid_api_key"))


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_another_method_is_told(api: Api, ground: Ground) -> None:
    for method in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
        found = told(ground, api, asked(api, b"", method=method), recorded=False)
        assert found[:2] == (405, api.named(405, "method_not_allowed"))


def head(api: Api, *lines: str) -> bytes:
    first = f"POST {api.route} HTTP/1.1", "host: gateway", "content-type: application/json", BEARER
    return "\r\n".join([*first, *lines, "", ""]).encode()


SMUGGLED: dict[str, tuple[tuple[str, ...], bytes]] = {
    "two lengths": (("content-length: 2", "content-length: 3"), b"{} "),
    "a length and chunks": (("content-length: 2", "transfer-encoding: chunked"), b"0\r\n\r\n"),
    "chunks and a length": (("transfer-encoding: chunked", "content-length: 2"), b"0\r\n\r\n"),
    "chunks twice": (("transfer-encoding: chunked", "transfer-encoding: chunked"), b"0\r\n\r\n"),
    "chunks and something else": (("transfer-encoding: gzip, chunked",), b"0\r\n\r\n"),
    "something else after chunks": (("transfer-encoding: chunked, identity",), b"0\r\n\r\n"),
    "chunks by another name": (("transfer-encoding: xchunked",), b"0\r\n\r\n"),
    "chunks in a folded line": (("transfer-encoding:", " chunked"), b"0\r\n\r\n"),
    "a space before the colon": (("content-length : 2",), b"{}"),
    "a length with a sign": (("content-length: +2",), b"{}"),
    "a length in hexadecimal": (("content-length: 0x2",), b"{}"),
    "a list of lengths": (("content-length: 2, 2",), b"{}"),
    "two hosts": (("host: other", "content-length: 2"), b"{}"),
    "a line end within a value": (("x: a\nhost: other", "content-length: 2"), b"{}"),
    "a NUL in a value": (("x: a\0b", "content-length: 2"), b"{}"),
}


@pytest.mark.parametrize("what", SMUGGLED)
@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_what_two_servers_could_read_differently_hides_no_request(
    api: Api, what: str, ground: Ground
) -> None:
    """Behind it stands a whole request, which a server that reads it otherwise would answer."""
    lines, body = SMUGGLED[what]
    hidden = asked(api, api.said())
    found = told(ground, api, head(api, *lines) + body + hidden, recorded=False)
    assert found[:2] == (400, api.named(400, "invalid_http"))


def tricks(route: str) -> Iterator[str]:
    """Other spellings, which some servers take for the same route."""
    last = route.rpartition("/")[2]
    yield from ("/" + route, route + "/", route + "//", route.upper(), route.title(), route + ";a=b")
    yield from (
        route + tail for tail in ("%00", "%20", "%2f", "%2F..", "/.", "/%2e", "%3F", "%23", "%0a", "%ff")
    )
    yield from (f"/.{route}", f"/..{route}", f"/v1/..{route}", f"/%2e%2e{route}", f"http://gateway/{route}")
    yield from (route.replace("/", "//"), f"/\\{route[1:]}", f"/%5c{route[1:]}", f"/%252F{route[1:]}")
    yield from (route.replace(last, f"{last}%E2%80%8B"), f"/x{route}")


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_a_path_by_a_trick_is_no_route(api: Api, ground: Ground) -> None:
    ground.canned.asked.clear()
    for path in tricks(api.route):
        answered = ground.answered([request(api.said(), path=path)])
        assert (answered.status, answered.error["code"]) == (404, "not_found"), path
    assert ground.canned.asked == []
    assert ground.stands()


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.route)
def test_the_route_by_another_spelling_is_the_same_route(api: Api, ground: Ground) -> None:
    """Scanned as ever: what is forgotten does not go on, and what is clean does."""
    around = api.text == "texts" or api.route == "/v1/checks"
    inner = "/" + api.route[1:].replace("/", "%2F")
    for path in (f"http://evil.example{api.route}", inner, f"{api.route}?a=%2F"):
        for text in ("Hello!", PLANTED):
            ground.canned.asked.clear()
            answered = ground.answered([request(api.said(text), path=path)])
            assert answered.status in (200, 400), path
            assert len(ground.canned.asked) == (text == "Hello!" and not around), path
