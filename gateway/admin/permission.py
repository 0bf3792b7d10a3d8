"""What one may be allowed to do with forget requests, and which role allows it.

Rule: who asks that something be forgotten cannot alone put it in force: a poisoned request is an attack.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from gateway.config_admin import Role


class Permission(StrEnum):
    READ = "read"
    ADD = "add"
    PREVIEW = "preview"
    APPROVE = "approve"
    MOVE = "move"
    METRICS = "metrics"


ROLES: Final[Mapping[Permission, frozenset[Role]]] = {
    Permission.READ: frozenset(Role),
    Permission.ADD: frozenset({Role.REQUESTER}),
    Permission.PREVIEW: frozenset({Role.REQUESTER, Role.APPROVER, Role.OPERATOR}),
    Permission.APPROVE: frozenset({Role.APPROVER}),
    Permission.MOVE: frozenset({Role.OPERATOR}),
    Permission.METRICS: frozenset({Role.AUDITOR, Role.OPERATOR}),
}


def allows(roles: Collection[Role], permission: Permission) -> bool:
    return not ROLES[permission].isdisjoint(roles)
