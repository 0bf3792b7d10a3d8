"""A receipt beside the ledger as it is now: whether its records still stand, and what came since.

Rule: records are compared by place and digest, and each digest depends on all records before it: one that was
taken out or changed shows. That a request went on since is no fault of the receipt, and is told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.yaml_tree import Json

Statement = Mapping[str, Any]
# What a receipt says of a request that may go on.
STANDS = ("state", "share", "exact", "semantic", "from", "until")


class ContradictedError(ValueError):
    """The ledger says otherwise than the receipt; says where."""


@dataclass(frozen=True, slots=True)
class Since:
    """`changed`: what no longer is as the receipt says, as then and now. `records`: how many came since."""

    changed: Mapping[str, tuple[Json, Json]]
    records: int

    @property
    def holds(self) -> bool:
        return not self.changed

    def __str__(self) -> str:
        if self.holds:
            return f"It stands in the ledger so, and is so now; {self.records} records of it came since."
        told = "; ".join(f"{name} was {then}, is {now}" for name, (then, now) in self.changed.items())
        return f"It stands in the ledger so, but is so no more: {told}."


def compared(receipt: Statement, now: Statement) -> Since:
    """Two statements of one request, both with signatures that hold. Raises ContradictedError."""
    try:
        for fault in _faults(receipt, now):
            raise ContradictedError(f"expected {fault}")
        changed = {
            name: (receipt["request"][name], now["request"][name])
            for name in STANDS
            if receipt["request"][name] != now["request"][name]
        }
        return Since(changed, len(now["records"]) - len(receipt["records"]))
    except (KeyError, TypeError, AttributeError):
        raise ContradictedError("expected a receipt of this version, found another") from None


def _faults(receipt: Statement, now: Statement) -> Iterator[str]:
    for name in ("id", "commitment"):
        if receipt["request"][name] != now["request"][name]:
            yield f"the {name} that the receipt says, found another in the ledger"
    if receipt["ledger"]["records"] > now["ledger"]["records"]:
        yield f"at least {receipt['ledger']['records']} records, found {now['ledger']['records']}"
    there = {one["sequence"]: one["digest"] for one in now["records"]}
    for one in receipt["records"]:
        if one["sequence"] not in there:
            yield f"record {one['sequence']} of the request in the ledger, found none"
        elif there[one["sequence"]] != one["digest"]:
            yield f"record {one['sequence']} as the receipt says, found another in its place"
