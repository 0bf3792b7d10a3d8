"""Whatever is wrong with a body, the client is told what was expected, and the model server hears nothing."""

import gzip
import json
import zlib
from dataclasses import dataclass

import pytest

from tests.gateway.bad.ground import KEY, Ending, Ground, code_of, encoded, request

PLANTED = "Alden Crane, 555-201-3391"
HELLO = encoded()
MESSAGES = b'"messages": [{"role": "user", "content": "Alden Crane"}]'


@dataclass(frozen=True, slots=True)
class Bad:
    """A body, and what its error says."""

    name: str
    body: bytes
    told: str = r"The body: expected JSON.*, found a fault at line \d+, column \d+: "
    code: str = "invalid_json"
    status: int = 400

    @property
    def ending(self) -> Ending:
        return Ending(self.status, self.code, self.told)


def holding(value: bytes) -> bytes:
    """A request in which one number has this value."""
    return b'{"model": "demo", "seed": %s, %s}' % (value, MESSAGES)


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    tools = opening * depth + b"1" + closing * depth
    return b'{"model": "demo", "tools": %s, %s}' % (tools, MESSAGES)


def content(text: bytes) -> bytes:
    return b'{"model": "demo", "messages": [{"role": "user", "content": "%s"}]}' % text


def twice(body: bytes) -> Bad:
    return Bad(f"a key twice {body[:40]!r}", body, "every key of an object once, found one twice")


DEEP = "at most 64 levels, found more"
INTEGER = "64 bits, found a longer"
SYNTAX = (
    Bad("nothing", b"", "found nothing"),
    Bad("only whitespace", b" \r\n\t " * 20, "found nothing"),
    Bad("cut short", HELLO[:-1]),
    Bad("cut in a string", HELLO[: HELLO.index(b"Hello") + 2]),
    Bad("more behind it", HELLO + b' {"Alden": 1}'),
    Bad("a bracket behind it", HELLO + b"}"),
    Bad("two documents", HELLO + b"\n" + HELLO),
    Bad("a comment", HELLO.replace(b"{", b"{ /* Alden Crane */ ", 1)),
    Bad("a comment to the line's end", HELLO + b" // Alden Crane"),
    Bad("single quotes", HELLO.replace(b'"', b"'")),
    Bad("a trailing comma", HELLO[:-1] + b",}"),
    Bad("keys without quotes", b"{model: demo}"),
    Bad("a raw line end in a string", content(b"Alden\nCrane")),
    Bad("a raw NUL in a string", content(b"Alden\0Crane")),
    Bad("a raw NUL behind it", HELLO + b"\0"),
    Bad("a wrong escape", content(rb"Alden \x43rane")),
    Bad("half an escape", content(rb"Alden \u00")),
    Bad("NaN", holding(b"NaN")),
    Bad("infinity", holding(b"Infinity")),
    Bad("minus infinity", holding(b"-Infinity")),
    Bad("a number beyond all", holding(b"1e400")),
    Bad("a leading zero", holding(b"01")),
    Bad("a leading plus", holding(b"+1")),
    Bad("a hexadecimal number", holding(b"0x10")),
    Bad("True with a capital", HELLO.replace(b"true", b"True")),
    Bad("UTF-8 with a mark", b"\xef\xbb\xbf" + HELLO),
    Bad("UTF-16", HELLO.decode().encode("utf-16")),
    Bad("UTF-16 without a mark", HELLO.decode().encode("utf-16-le")),
    Bad("UTF-32", HELLO.decode().encode("utf-32")),
    Bad("Latin-1", content("Zoë Alden".encode("latin-1"))),
    Bad("a byte that no UTF-8 has", content(b"Alden \xff")),
    Bad("a letter in too many bytes", content(b"Alden \xc0\xaf")),
    Bad("a letter cut short", content(b"Alden \xe2\x82")),
    Bad("half a surrogate, raw", content(b"Alden \xed\xa0\x80")),
    Bad("a letter beyond Unicode", content(b"Alden \xf4\x90\x80\x80")),
    Bad("half a surrogate", content(rb"Alden \ud800")),
    Bad("the other half", content(rb"Alden \udc00")),
    Bad("the halves in the wrong order", content(rb"Alden \udc00\ud800")),
    Bad("half a surrogate in a key", b'{"\\ud800": 1, %s}' % MESSAGES),
    Bad("binary", bytes(range(256))),
    Bad("a form", b"model=demo&messages=Alden+Crane"),
    Bad("a page", b"<html>Alden Crane</html>"),
    twice(b'{"model": "demo", "model": "demo", %s}' % MESSAGES),
    twice(b'{"model": "demo", "mod\\u0065l": "demo", %s}' % MESSAGES),
    twice(b'{"seed": 1, "seed": 1, %s}' % MESSAGES),
    twice(b'{"model": "demo", %s, %s}' % (MESSAGES, MESSAGES)),
    twice(b'{"messages": [{"role": "user", "content": "Hello!", "content": "Alden Crane"}]}'),
    twice(b'{"messages": [{"role": "user", "role": "system", "content": "Alden Crane"}]}'),
    twice(b'{"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "te\\u0078t": "b"}]}]}'),
    twice(b'{"tools": [{"Alden": {"Crane": 1, "Crane": 1}}], %s}' % MESSAGES),
    twice(b'{"stream_options": {"include_usage": true, "include_usage": true}, %s}' % MESSAGES),
    twice(b'{"logit_bias": {"1": 1, "1": 2}, %s}' % MESSAGES),
    twice(b'{"metadata": {"Alden": 1, "Alden": 2}, %s}' % MESSAGES),
    *(Bad(f"nested {depth} deep", nested(depth), DEEP) for depth in (64, 100, 1_000, 10_000, 100_000)),
    *(Bad(f"objects {depth} deep", nested(depth, b'{"a":', b"}"), DEEP) for depth in (1_000, 100_000)),
    Bad("a million deep", nested(1_000_000), DEEP),
    Bad("a million deep, never closed", b"[" * 1_000_000, DEEP),
    Bad("closed a million times", b"]" * 1_000_000),
    Bad("an integer beyond 64 bits", holding(b"18446744073709551616"), INTEGER),
    Bad("a negative integer beyond 64 bits", holding(b"-9223372036854775809"), INTEGER),
    Bad("an integer of 5,000 digits", holding(b"9" * 5000), "64 bits, found a longer|JSON"),
    Bad("an integer of a million digits", holding(b"9" * 1_000_000), "64 bits, found a longer|JSON"),
    Bad("a fraction of a million digits before the point", holding(b"9" * 1_000_000 + b".5")),
)  # fmt: skip


@pytest.mark.parametrize("bad", SYNTAX, ids=lambda bad: bad.name)
def test_a_body_that_is_no_json_is_told_and_nothing_else_changes(bad: Bad, ground: Ground) -> None:
    assert code_of(ground.treat([request(bad.body)], bad.ending)) == bad.ending.code


def value(name: str, told: str, body: bytes) -> Bad:
    return Bad(name, body, told, "invalid_value")


def unknown(field: str, body: bytes) -> Bad:
    return Bad(f"unknown {field}", body, rf"^{field}: this field is not supported", "unknown_field")


def said(**message: object) -> bytes:
    return encoded(messages=[message])


def called(**function: object) -> bytes:
    return said(role="assistant", tool_calls=[{"function": function}])


MODEL = "^The model does not exist; see /v1/models"
TOKENS = dict.fromkeys(map(str, range(301)), 1)
SHAPE = (
    value("a list", "^The body: expected an object, found a list", b"[]"),
    value("a string", "^The body: expected an object, found a string", b'"Alden Crane"'),
    value("a number", "^The body: expected an object, found an integer", b"5552013391"),
    value("null", "^The body: expected an object, found null", b"null"),
    value("true", "^The body: expected an object, found true or false", b"true"),
    value("nothing asked", "^messages: expected a value, found none", b'{"model": "demo"}'),
    value("no messages", "^messages: expected at least one message, found none", encoded(messages=[])),
    value(
        "too many messages",
        "^messages: expected at most 2000 messages, found 2001",
        encoded(messages=[{"role": "user", "content": "a"}] * 2001),
    ),
    value("no choices", "^n: expected 1 to 8, found less", encoded(n=0)),
    value("fewer than none", "^n: expected 1 to 8, found less", encoded(n=-1)),
    value("too many choices", "^n: expected 1 to 8, found more", encoded(n=2**63)),
    value(
        "a part of another kind",
        r"^messages\[0\].content\[0\].type: expected one of text, .+, found another",
        said(role="user", content=[{"type": PLANTED}]),
    ),
    value(
        "stream options without a stream",
        "^stream_options: expected none while stream is not true, found some",
        encoded(stream=False, stream_options={"include_usage": True}),
    ),
    value(
        "arguments that are no JSON",
        "arguments: expected JSON, found a fault at line 1",
        called(arguments=PLANTED),
    ),
    value(
        "arguments with a key twice",
        "arguments: expected every key of an object once, found one twice",
        called(arguments='{"a": 1, "a": 2}'),
    ),
    value("biases by word", "token ids and numbers, found", encoded(logit_bias={"Alden": 1})),
    value("too many biases", "at most 300 entries, found 301", encoded(logit_bias=TOKENS)),
    unknown("colour", encoded(colour=PLANTED)),
    unknown(r"\?", encoded(**{PLANTED: 1})),
    unknown(r"\?", encoded(**{"": 1})),
    unknown(r"stream_options\.colour", encoded(stream_options={"colour": PLANTED})),
    unknown(r"chat_template_kwargs\.system", encoded(chat_template_kwargs={"system": PLANTED})),
    unknown(r"repetition_detection\.\?", encoded(repetition_detection={PLANTED: 1})),
    unknown(r"messages\[0\]\.colour", said(role="user", colour=PLANTED)),
    unknown(r"messages\[0\]\.content\[0\]\.\?", said(role="user", content=[{"type": "text", PLANTED: 1}])),
    unknown(
        r"messages\[0\]\.tool_calls\[0\]\.custom",
        said(role="assistant", tool_calls=[{"custom": PLANTED}]),
    ),
    unknown(r"messages\[0\]\.tool_calls\[0\]\.function\.\?", called(**{PLANTED: 1})),
    Bad("an unknown model", encoded(model=PLANTED), MODEL, "model_not_found", 404),
    Bad("a model without a name", encoded(model=""), MODEL, "model_not_found", 404),
)


@pytest.mark.parametrize("bad", SHAPE, ids=lambda bad: bad.name)
def test_json_that_is_no_request_is_told_and_nothing_else_changes(bad: Bad, ground: Ground) -> None:
    assert code_of(ground.treat([request(bad.body)], bad.ending)) == bad.ending.code


@pytest.mark.parametrize("seed", [b"-0", b"0", b"18446744073709551615", b"-9223372036854775808"])
def test_whole_numbers_of_64_bits_are_sent_on(seed: bytes, ground: Ground) -> None:
    ground.play_good()
    body = encoded(seed=0).replace(b'"seed": 0', b'"seed": ' + seed)
    assert ground.gateway.post(body, Authorization=f"Bearer {KEY.decode()}").status == 200
    assert ground.canned.last.json["seed"] == int(seed)


FRACTIONS = [b"1e-400", b"-0.0", b"0.5e0", b"5E-1", b"0." + b"1" * 10_000, b"1e308", b"-1e308"]


@pytest.mark.parametrize("temperature", FRACTIONS, ids=lambda number: number[:8].decode())
def test_numbers_that_have_one_meaning_are_sent_on(temperature: bytes, ground: Ground) -> None:
    ground.play_good()
    body = encoded(temperature=0).replace(b'"temperature": 0', b'"temperature": ' + temperature)
    assert ground.gateway.post(body, Authorization=f"Bearer {KEY.decode()}").status == 200
    assert ground.canned.last.json["temperature"] == float(temperature)


ZSTANDARD = bytes.fromhex("28b52ffd2002110000 7b7d".replace(" ", ""))
BROTLI = bytes.fromhex("0b00807b7d03")
COMPRESSED = {
    "gzip": gzip.compress(HELLO),
    "GZIP": gzip.compress(HELLO),
    "x-gzip": gzip.compress(HELLO),
    "deflate": zlib.compress(HELLO),
    "br": BROTLI,
    "zstd": ZSTANDARD,
    "gzip, gzip": gzip.compress(gzip.compress(HELLO)),
    "identity, gzip": gzip.compress(HELLO),
    "gzip, identity": gzip.compress(HELLO),
    "Alden": HELLO,
    "": HELLO,
}


@pytest.mark.parametrize(("coding", "body"), COMPRESSED.items(), ids=COMPRESSED.keys())
def test_a_compressed_body_is_not_unpacked(coding: str, body: bytes, ground: Ground) -> None:
    """Not even where nothing in it is compressed: what another reader makes of it is not known."""
    told = "^Content-Encoding: expected none, found one"
    ending = Ending(415, "unsupported_media_type", told)
    assert code_of(ground.treat([request(body, f"content-encoding: {coding}")], ending)) == ending.code


def test_a_second_content_encoding_is_not_overlooked(ground: Ground) -> None:
    raw = request(gzip.compress(HELLO), "content-encoding: identity", "content-encoding: gzip")
    ending = Ending(415, "unsupported_media_type", "^Content-Encoding: expected none, found one")
    assert code_of(ground.treat([raw], ending)) == ending.code


KINDS = [
    *("", "*/*", "json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"),
    *("application/jsonp", "application/json/more", "application/json, text/plain", "Alden Crane"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_another_content_type_is_told(kind: str, ground: Ground) -> None:
    told = "^Content-Type: expected application/json in UTF-8, found another or none"
    ending = Ending(415, "unsupported_media_type", told)
    assert code_of(ground.treat([request(HELLO, kind=kind)], ending)) == ending.code


def test_a_second_content_type_is_not_overlooked(ground: Ground) -> None:
    told = "^Content-Type: expected application/json in UTF-8, found"
    ending = Ending(415, "unsupported_media_type", told)
    assert code_of(ground.treat([request(HELLO, "content-type: text/plain")], ending)) == ending.code


def test_another_character_set_is_told(ground: Ground) -> None:
    """The bytes are read as UTF-8 whatever the header says, so the header must not say anything else."""
    for kind in ("application/json; charset=utf-16", "application/json; charset=latin-1"):
        told = "^Content-Type: expected application/json in UTF-8, found another"
        ending = Ending(415, "unsupported_media_type", told)
        assert code_of(ground.treat([request(HELLO, kind=kind)], ending)) == ending.code


def test_a_body_of_many_kinds_of_whitespace_is_read(ground: Ground) -> None:
    ground.play_good()
    body = json.dumps(json.loads(HELLO), indent=7).replace("\n", "\r\n\t").encode()
    assert ground.gateway.post(body, Authorization=f"Bearer {KEY.decode()}").text() == "The lamp turns."
