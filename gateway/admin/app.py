"""The routes of the admin API. What stands here exists; all else is 404.

Rules: what a route does is done in a thread, so that who compiles holds up nobody. Every failure has one
shape, and says what was expected and never what was sent.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway import errors
from gateway.admin.description import described
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
    Token,
    TryDocument,
)
from gateway.admin.door import Door, Who, token_of
from gateway.admin.ledger_desk import LedgerDesk
from gateway.admin.measures import Measures
from gateway.admin.permission import Permission
from gateway.admin.telling import KNOWN, problem, told
from gateway.config_admin import Admin
from gateway.errors import ApiError
from index.ledger.error import LedgerError
from index.ledger.event import State

V1 = "/v1/forget-requests"


def created(admin: Admin, desk: LedgerDesk) -> ASGIApp:
    """All of it. `desk` is nobody's: each request acts under the name of its key."""
    measures = Measures()
    app = FastAPI(
        title="Unsay: forget requests",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _routes(app, Routes(admin, replace(desk, preview_s=admin.preview_s), measures))
    _failures(app)
    document = described(app)
    app.get("/openapi.json", include_in_schema=False)(lambda: document)
    return Door(app, admin, measures)


@dataclass(frozen=True, slots=True)
class Routes:
    admin: Admin
    desk: LedgerDesk
    measures: Measures

    def add(
        self,
        request: Request,
        asked: AddDocument,
        response: Response,
        idempotency_key: Annotated[Token | None, Header()] = None,
    ) -> RequestDocument:
        who = _who(request, Permission.ADD)
        if asked.then is not None:
            who.check(Permission.MOVE)
        response.status_code = 201
        return self._of(who).add(asked, token_of(who, idempotency_key))

    def list(
        self,
        request: Request,
        state: State | None = None,
        after: Annotated[str, Query(max_length=128)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> ListDocument:
        return self._of(_who(request, Permission.READ)).list(state, after, limit)

    def show(self, request: Request, id: str) -> RequestDocument:
        return self._of(_who(request, Permission.READ)).show(id)

    def move(self, request: Request, id: str, asked: MoveDocument) -> RequestDocument:
        return self._of(_who(request, Permission.MOVE)).move(id, asked)

    def approve(self, request: Request, id: str, asked: MoveDocument) -> RequestDocument:
        return self._of(_who(request, Permission.APPROVE)).approve(id, asked)

    def compile(self, request: Request, id: str, asked: CompileDocument) -> RequestDocument:
        return self._of(_who(request, Permission.ADD)).compile(id, asked)

    def preview(self, request: Request, id: str, asked: RowsDocument) -> PreviewDocument:
        desk = self._of(_who(request, Permission.PREVIEW))
        self._check_rows(asked)
        return desk.preview(id, asked)

    def try_out(self, request: Request, asked: TryDocument) -> PreviewDocument:
        desk = self._of(_who(request, Permission.PREVIEW))
        self._check_rows(asked)
        return desk.try_out(asked)

    def receipt(self, request: Request, id: str, asked: ReceiptDocument) -> Response:
        paper = self._of(_who(request, Permission.READ)).receipt(id, asked)
        # Its bytes are what is signed.
        return Response(paper, media_type="application/json")

    def ledger(self, request: Request) -> LedgerDocument:
        return self._of(_who(request, Permission.READ)).ledger()

    def healthz(self) -> dict[str, str]:
        return {"status": "ok"}

    def readyz(self) -> Response:
        """Whether requests can be taken: the ledger can be read, and there is a policy to compile for."""
        try:
            self.desk.opened.head()
        except LedgerError:
            return JSONResponse({"status": "the ledger cannot be read"}, 503)
        if self.desk.compiler is None:
            return JSONResponse({"status": "there is no policy"}, 503)
        return JSONResponse({"status": "ready"})

    def metrics(self, request: Request) -> Response:
        _who(request, Permission.METRICS)
        ledger = self.desk.opened
        requests, records = ledger.requests(), ledger.head().sequence
        text = self.measures.text(requests, records, meaning=self.desk.meaning is not False)
        return Response(text, media_type="text/plain; version=0.0.4")

    def _of(self, who: Who) -> LedgerDesk:
        return replace(self.desk, actor=who.name)

    def _check_rows(self, asked: RowsDocument) -> None:
        if len(asked.rows) > self.admin.preview_rows:
            raise errors.bad_request(f"rows: expected at most {self.admin.preview_rows}, found more", "rows")


def _who(request: Request, permission: Permission) -> Who:
    who: Who = request.state.who
    who.check(permission)
    return who


def _routes(app: FastAPI, routes: Routes) -> None:
    app.post(V1, status_code=201)(routes.add)
    app.get(V1)(routes.list)
    app.get(V1 + "/{id}")(routes.show)
    app.post(V1 + "/{id}/moves")(routes.move)
    app.post(V1 + "/{id}/approvals")(routes.approve)
    app.post(V1 + "/{id}/segments")(routes.compile)
    app.post(V1 + "/{id}/previews")(routes.preview)
    app.post(V1 + "/{id}/receipts", response_class=Response)(routes.receipt)
    app.post("/v1/previews")(routes.try_out)
    app.get("/v1/ledger")(routes.ledger)
    app.get("/healthz")(routes.healthz)
    app.get("/readyz", response_class=Response)(routes.readyz)
    app.get("/metrics", response_class=Response)(routes.metrics)


def _failures(app: FastAPI) -> None:
    known = {404: errors.no_route, 405: errors.wrong_method}

    async def failed(_: Request, error: Exception) -> Response:
        return answer(told(error))

    async def unrouted(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(known.get(error.status_code, errors.failed)())

    async def misread(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(problem(error))

    app.exception_handler(HTTPException)(unrouted)
    app.exception_handler(RequestValidationError)(misread)
    for kind in (*KNOWN, Exception):
        app.exception_handler(kind)(failed)


def answer(error: ApiError) -> Response:
    headers = {name.decode(): value.decode("latin-1") for name, value in error.headers()}
    return Response(error.encoded(), error.status, headers, media_type="application/json")
