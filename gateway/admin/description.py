"""What the admin API says of itself, for programs: its routes, and that every failure has one shape."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.admin.door import OPEN

FAILURE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, openapi_version=app.openapi_version, routes=app.routes
    )
    parts = document["components"]
    parts["schemas"] |= {"Failure": FAILURE}
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    # The framework's own shape of a refusal, which nobody is ever sent.
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    failed = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            if path in OPEN:
                operation["responses"]["503"] = {"description": "Not now."}
            else:
                operation["responses"]["default"] = {"description": "A failure.", "content": failed}
                operation["security"] = [{"bearer": []}]
    return document
