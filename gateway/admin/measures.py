"""What is counted where forget requests are taken: numbers and kinds, no ids."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from index.ledger.event import Part, State
from index.ledger.request import Request

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Measures:
    """Of one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "unsay_admin_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "unsay_admin_seconds", "Whole time of a request.", ["route"], buckets=SECONDS, registry=registry
        )
        self._states = Gauge(
            "unsay_forget_requests", "Forget requests by their state.", ["state"], registry=registry
        )
        self._pending = Gauge(
            "unsay_forget_pending",
            "Open forget requests of which this part is not compiled.",
            ["part"],
            registry=registry,
        )
        self._records = Gauge("unsay_ledger_records", "Records of the ledger.", registry=registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, requests: Iterable[Request], records: int, *, meaning: bool) -> bytes:
        """As they are now."""
        known = list(requests)
        states = Tally(one.state for one in known)
        for state in State:
            self._states.labels(state).set(states[state])
        for part in Part:
            wanted = part is Part.EXACT or meaning
            missing = sum(wanted and one.open and part not in one.segments for one in known)
            self._pending.labels(part).set(missing)
        self._records.set(records)
        return generate_latest(self._registry)
