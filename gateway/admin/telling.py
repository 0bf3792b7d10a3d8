"""What goes wrong with a forget request, in the one shape of every failure, and without its texts."""

from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from gateway import errors
from gateway.admin.preview import PreviewTooLong
from gateway.admin.rows import RowError
from gateway.admin.trouble import NotFound, Unfinished
from gateway.errors import ApiError
from index.ledger.error import LedgerError, Refused, Unavailable
from index.passage import BuildError
from policy.problem import PolicyError, shown_key

# So many are told at a time.
MOST: Final = 20


# All others are our own faults: they are logged by their place, and nothing of them is told.
KNOWN: Final = (
    ApiError,
    PolicyError,
    BuildError,
    RowError,
    PreviewTooLong,
    NotFound,
    Unfinished,
    LedgerError,
)


def told(error: Exception) -> ApiError:
    match error:
        case ApiError():
            return error
        case PolicyError() | BuildError() | RowError() | PreviewTooLong():
            return errors.bad_request(str(error))
        case NotFound():
            return ApiError(404, str(error), "invalid_request_error", code="not_found")
        case Refused() | Unfinished():
            return ApiError(409, str(error), "invalid_request_error", code="refused")
        case Unavailable():
            return errors.unavailable(str(error))
        case LedgerError():
            return ApiError(500, str(error), "server_error", code="ledger")
    return ApiError(500, "The request could not be worked on.", "server_error", code="internal")


def problem(error: RequestValidationError) -> ApiError:
    found = error.errors()
    lines = [f"{_field(one)}: {_expected(one)}" for one in found[:MOST]]
    if len(found) > MOST:
        lines.append(f"and {len(found) - MOST} problems more")
    return errors.bad_request("\n".join(lines), _field(found[0]) if found else None)


def _field(error: Any) -> str:
    """Where it is; a key that nobody knows may be a text, and is told by its length."""
    steps = [str(step) for step in error["loc"][1:]] or [str(error["loc"][0])]
    if error["type"] == "extra_forbidden":
        steps[-1] = f"the key {shown_key(steps[-1])}"
    return ".".join(steps)


def _expected(error: Any) -> str:
    # Pydantic's own words name what was expected; what was given stands elsewhere in the error.
    return "expected no such key" if error["type"] == "extra_forbidden" else str(error["msg"])
