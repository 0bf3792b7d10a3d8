"""Who may ask for what where forget requests are taken (`unsay admin serve`).

Rule: these keys are no clients' keys: none of either kind opens the other's door.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from gateway.config_keys import HashedKey
from gateway.config_part import Part
from policy.problem import wrong

DAY_S = 86_400


class Role(StrEnum):
    REQUESTER = "requester"
    APPROVER = "approver"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class AdminKey(HashedKey):
    """A person's or a service's key, as its hash. Its name stands in the ledger."""

    roles: frozenset[Role] = Field(
        min_length=1,
        description="What it may do. requester: add requests and try them; approver: agree to what others "
        "asked for; operator: monitor, enforce, stage, expire and restore; auditor: read, as all may, and "
        "the metrics.",
    )
    requests_per_minute: float | None = Field(
        default=None, gt=0, description="Instead of `admin.requests_per_minute`, for this key."
    )


class Admin(Part):
    """Where forget requests are taken over HTTP: a process and a port of its own."""

    host: str = Field(
        default="127.0.0.1", description="Address to bind. Without keys only a loopback address is allowed."
    )
    port: int = Field(default=8081, ge=0, le=65535, description="Port to bind; 0 lets the system choose one.")
    keys: tuple[AdminKey, ...] = Field(
        default=(), description="Who may ask. Empty: anyone for anything, on a loopback address only."
    )
    requests_per_minute: float = Field(
        default=600, gt=0, description="Most requests of one key in a minute; more get 429."
    )
    body_bytes: int = Field(default=16 * 2**20, ge=1024, description="Largest request body.")
    body_s: float = Field(
        default=30, gt=0, le=DAY_S, description="Longest time a request body may take to arrive."
    )
    concurrent: int = Field(
        default=4, ge=1, le=64, description="Most requests that are worked on at a time; more get 503."
    )
    preview_rows: int = Field(
        default=1000, ge=1, le=100_000, description="Most rows of one preview over HTTP."
    )
    preview_s: float = Field(default=60, gt=0, le=DAY_S, description="Longest time of one preview over HTTP.")

    @model_validator(mode="after")
    def _names(self) -> Self:
        check_names(self.keys)
        return self


def check_names(keys: Sequence[AdminKey]) -> None:
    if len({key.name for key in keys}) != len(keys):
        raise wrong("every name once", got="one twice", at=("keys",))
