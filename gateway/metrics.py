"""What an operator watches, for Prometheus. Labels never name an entry, a key or a client's text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
HELD = (0, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """One registry for each app, so that two apps in one process do not share their numbers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.requests = Counter(
            "unsay_requests", "Requests by outcome.", ["route", "outcome"], registry=registry
        )
        self.findings = Counter(
            "unsay_findings",
            "What was found and what was done.",
            ["surface", "action", "detector"],
            registry=registry,
        )
        self.upstream_errors = Counter(
            "unsay_upstream_errors", "Failures of the model server.", ["kind"], registry=registry
        )
        self.seconds = Histogram(
            "unsay_request_seconds",
            "Whole time of a request.",
            ["outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self.prompt_seconds = Histogram(
            "unsay_prompt_seconds", "Time to scan a prompt.", buckets=SECONDS, registry=registry
        )
        self.first_seconds = Histogram(
            "unsay_first_byte_seconds",
            "Time to the first byte of an answer.",
            buckets=SECONDS,
            registry=registry,
        )
        self.held = Histogram(
            "unsay_held_characters", "Characters held back after an event.", buckets=HELD, registry=registry
        )
        self.running = Gauge("unsay_requests_running", "Requests under way.", registry=registry)
        self.generation = Gauge(
            "unsay_snapshot_generation", "Generation of the snapshot in force.", registry=registry
        )

    def text(self) -> bytes:
        return generate_latest(self._registry)
