"""The desk of an admin API, asked over HTTP.

Rule: what it says no to is told in its own words; nothing that is sent is ever shown.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from gateway.admin.documents import (
    AddDocument,
    CompileDocument,
    LedgerDocument,
    ListDocument,
    MoveDocument,
    PreviewDocument,
    ReceiptDocument,
    RequestDocument,
    RowsDocument,
    TryDocument,
)
from index.ledger.event import State

# A request of many texts is compiled before it is answered.
TIMEOUT_S: Final = 600
ANSWER_BYTES: Final = 64 << 20
V1: Final = "/v1/forget-requests"

D = TypeVar("D", bound=BaseModel)


class RemoteError(RuntimeError):
    """The admin API did not do what was asked, or cannot be asked."""


@dataclass(frozen=True, slots=True)
class RemoteDesk:
    """`url`: without `/v1`. `key`: one of those under `admin.keys` of its settings."""

    url: str
    key: str | None = field(default=None, repr=False)

    def add(self, asked: AddDocument, token: str) -> RequestDocument:
        headers = {"Idempotency-Key": token} if token else {}
        return self._read(RequestDocument, "POST", V1, asked, headers)

    def list(self, state: State | None, after: str, most: int) -> ListDocument:
        wanted = {"state": state, "after": after, "limit": most}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return self._read(ListDocument, "GET", f"{V1}?{query}")

    def show(self, request: str) -> RequestDocument:
        return self._read(RequestDocument, "GET", _of(request))

    def move(self, request: str, asked: MoveDocument) -> RequestDocument:
        return self._read(RequestDocument, "POST", _of(request, "moves"), asked)

    def approve(self, request: str, asked: MoveDocument) -> RequestDocument:
        return self._read(RequestDocument, "POST", _of(request, "approvals"), asked)

    def compile(self, request: str, asked: CompileDocument) -> RequestDocument:
        return self._read(RequestDocument, "POST", _of(request, "segments"), asked)

    def preview(self, request: str, asked: RowsDocument) -> PreviewDocument:
        return self._read(PreviewDocument, "POST", _of(request, "previews"), asked)

    def try_out(self, asked: TryDocument) -> PreviewDocument:
        return self._read(PreviewDocument, "POST", "/v1/previews", asked)

    def receipt(self, request: str, asked: ReceiptDocument) -> bytes:
        return self._ask("POST", _of(request, "receipts"), asked, {})

    def ledger(self) -> LedgerDocument:
        return self._read(LedgerDocument, "GET", "/v1/ledger")

    def _read(
        self,
        kind: type[D],
        method: str,
        path: str,
        asked: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> D:
        try:
            return kind.model_validate_json(self._ask(method, path, asked, headers or {}))
        except ValidationError:
            raise RemoteError(
                f"{self.url}: expected an answer of this version of the API, found another"
            ) from None

    def _ask(self, method: str, path: str, asked: BaseModel | None, headers: Mapping[str, str]) -> bytes:
        sent = dict(headers)
        body = None if asked is None else asked.model_dump_json(by_alias=True).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        connection, base = self._connection()
        try:
            connection.request(method, base + path, body, sent)
            with connection.getresponse() as answer:
                said, status = answer.read(ANSWER_BYTES), answer.status
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RemoteError(f"{self.url}: cannot be asked: {type(error).__name__}") from None
        finally:
            connection.close()
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise RemoteError(_said(said, status))
        return said

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        """To no other address than the one given: redirections are not followed."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if host is None or parts.scheme not in ("http", "https") or parts.username is not None:
            raise RemoteError("--admin: expected a URL such as http://127.0.0.1:8081, found another text")
        base = parts.path.rstrip("/").removesuffix("/v1")
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S), base
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context), base


def _of(request: str, what: str = "") -> str:
    return "/".join([V1, quote(request, safe=""), *filter(None, [what])])


def _said(said: bytes, status: int) -> str:
    try:
        error: Any = json.loads(said)["error"]
        return str(error["message"])
    except (ValueError, KeyError, TypeError):
        return f"the admin API answered {status}"
