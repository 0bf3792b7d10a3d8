"""What a check says: one of three words, and the text as it may stand.

Rule: whatever was found, the body has the same fields, and none of them tells what it was.
"""

from enum import StrEnum

from gateway.errors import Json
from gateway.trace import Outcome


class Status(StrEnum):
    PASSED = "passed"
    MODIFIED = "modified"
    BLOCKED = "blocked"

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.value)


def status(*, blocked: bool, changed: bool) -> Status:
    return Status.BLOCKED if blocked else Status.MODIFIED if changed else Status.PASSED


def body(request: str, created: float, status: Status, modified: Json) -> Json:
    """`modified` are the fields whose text was changed, as they may stand."""
    return {
        "id": request.replace("req_", "check-", 1),
        "object": "check",
        "created": int(created),
        "status": status,
        "modified": modified if status is Status.MODIFIED else None,
    }
