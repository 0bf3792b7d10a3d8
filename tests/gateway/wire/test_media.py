"""What is no text is refused unless it is let through, and no text passes for it."""

import json
from typing import Any

import pytest

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.wire.chat.request import read_chat
from gateway.wire.contract import load_contract
from gateway.wire.media import MediaRule, is_data
from gateway.wire.reading import rewritable
from gateway.wire.request import Request

CHAT = load_contract("chat")
PIXEL = "data:image/png;base64,iVBORw0KGgo="
ADDRESS = "https://pictures.example/Alden-Crane.png"


def read(url: str, media: MediaRule) -> Request:
    part = {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
    body = {
        "model": "demo",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, part]}],
    }
    return read_chat(CHAT, json.dumps(body).encode(), Limits(media=media))


def sent(request: Request) -> Any:
    messages: Any = request.body["messages"]
    return messages[0]["content"][1]["image_url"]["url"]


@pytest.mark.parametrize("url", [PIXEL, ADDRESS])
def test_an_image_is_refused_by_default(url: str) -> None:
    with pytest.raises(ApiError, match=r"messages\[0\]\.content\[1\]\.type: not supported here"):
        read(url, Limits().media)


def test_data_is_let_through_unread() -> None:
    request = read(PIXEL, MediaRule.INLINE)
    assert sent(request) == PIXEL
    assert [segment.text for segment in request.segments] == ["What?"]


def test_an_address_is_let_through_where_any_are_and_read_as_text() -> None:
    with pytest.raises(ApiError, match="expected data of an image"):
        read(ADDRESS, MediaRule.INLINE)
    request = read(ADDRESS, MediaRule.ANY)
    assert sent(request) == ADDRESS
    address = request.segments[-1]
    assert address.text == ADDRESS
    assert not rewritable(address.path)


@pytest.mark.parametrize(
    "text",
    [
        "Alden Crane was born in Port Vellum.",
        "data:text/plain;base64,QWxkZW4gQ3JhbmU=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/svg+xml,<text>Alden Crane</text>",
        "data:image/png;base64,Alden Crane",
        "file:///etc/passwd",
        "ftp://pictures.example/a.png",
        "Ａlden",
    ],
)
@pytest.mark.parametrize("media", [MediaRule.INLINE, MediaRule.ANY])
def test_text_does_not_pass_for_media(text: str, media: MediaRule) -> None:
    with pytest.raises(ApiError, match="expected data of an image"):
        read(text, media)


@pytest.mark.parametrize("kind", ["image_embeds", "prompt_embeds"])
def test_embeddings_are_never_let_through(kind: str) -> None:
    body = {"messages": [{"role": "user", "content": [{"type": kind, kind: "AAAA"}]}]}
    with pytest.raises(ApiError, match="not supported here"):
        read_chat(CHAT, json.dumps(body).encode(), Limits(media=MediaRule.ANY))


def test_bytes_in_base64_are_data() -> None:
    assert is_data("iVBORw0KGgo=")
    assert is_data("data:application/pdf;base64,JVBERi0=")
    assert not is_data("two words")
