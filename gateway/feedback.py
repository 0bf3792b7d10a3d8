"""What people say of a decision: a false alarm, or something missed. It becomes a line of the audit log.

Rule: the line names the request and nothing of what was asked or answered.
"""

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway import errors
from gateway.audit.log import AuditError
from gateway.body import read_body
from gateway.errors import Json
from gateway.fields import fields_of
from gateway.side_routes import services_of, shown
from gateway.strict_json import JsonError, parse

EVENT = "feedback"


class Kind(StrEnum):
    FALSE_ALARM = "false_alarm"
    MISSED = "missed"


class Feedback(BaseModel):
    """The body of `POST /unsay/feedback`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: str = Field(pattern=r"^req_[0-9a-zA-Z]{1,64}$")
    kind: Kind

    def record(self) -> Json:
        at = round(datetime.now(UTC).timestamp(), 3)
        return {"event": EVENT, "at": at, "request": self.request, "kind": self.kind}


async def feedback(request: Request) -> Response:
    """For operators: which entry was found is theirs alone to judge."""
    services = services_of(request)
    services.keys.admit_operator(fields_of(request.scope))
    with services.admission.bodies.one() as load:
        body = await read_body(request.scope, request.receive, services.config.limits, load)
    try:
        await services.audit.record(_read(body).record())
    except AuditError:
        raise errors.no_records() from None
    return shown({"recorded": True})


def _read(body: bytes) -> Feedback:
    try:
        return Feedback.model_validate(parse(body))
    except JsonError as error:
        raise errors.bad_request(f"The body: {error}.", code="invalid_json") from None
    except ValidationError:
        kinds = " or ".join(Kind)
        raise errors.bad_request(
            f"The body: expected `request`, an id of the audit log, and `kind`, {kinds}; found other."
        ) from None
