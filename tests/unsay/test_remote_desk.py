"""The desk of an admin API that answers otherwise than it should: that is told, and not followed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from unsay.remote_desk import RemoteDesk, RemoteError


class Odd(BaseHTTPRequestHandler):
    """Answers by the path that its desk was given."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = int(self.path.split("/")[1])
        self.send_response(status)
        self.send_header("Location", "/200/elsewhere")
        self.end_headers()
        self.wfile.write(b"<html>Alden Crane</html>")

    def log_message(self, format: str, *args: object) -> None:
        """Not onto the terminal."""


@pytest.fixture
def url() -> Iterator[str]:
    Odd.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, "expected an answer of this version of the API, found another"),
        (302, "the admin API answered 302"),
        (500, "the admin API answered 500"),
    ],
)
def test_another_server_is_told_and_not_followed(url: str, status: int, told: str) -> None:
    with pytest.raises(RemoteError, match=told) as refused:
        RemoteDesk(f"{url}/{status}/", "key").ledger()
    assert Odd.asked == [f"/{status}/v1/ledger"]
    assert "Alden" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "http://", "ftp://host", "http://user:pass@host", "http://host:port", "host"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RemoteError, match="--admin: expected a URL such as"):
        RemoteDesk(url).ledger()


def test_a_key_is_not_shown() -> None:
    assert "my-key" not in repr(RemoteDesk("http://127.0.0.1", "my-key"))
