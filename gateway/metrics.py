"""What an operator watches, for Prometheus. Labels never name an entry, a key or a client's text."""

import os
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.errors import Json

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
HELD = (0, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """One registry for each app, so that two apps in one process do not share their numbers.

    Workers share theirs: each writes its own into files of one folder, and whoever is asked adds them up.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        if shared is not None:
            _share(shared)
        self._registry = CollectorRegistry()
        registry = self._registry
        # Looked up once each: the library takes longer for it than for counting.
        self.requests = cache(
            Counter("unsay_requests", "Requests by outcome.", ["route", "outcome"], registry=registry).labels
        )
        self.findings = cache(
            Counter(
                "unsay_findings",
                "What was found and what was done.",
                ["surface", "action", "detector"],
                registry=registry,
            ).labels
        )
        self.upstream_errors = cache(
            Counter(
                "unsay_upstream_errors", "Failures of the model server.", ["kind"], registry=registry
            ).labels
        )
        self.seconds = cache(
            Histogram(
                "unsay_request_duration_seconds",
                "Whole time of a request.",
                ["outcome"],
                buckets=SECONDS,
                registry=registry,
            ).labels
        )
        self.prompt_seconds = Histogram(
            "unsay_prompt_seconds", "Time to scan a prompt.", buckets=SECONDS, registry=registry
        )
        self.first_seconds = Histogram(
            "unsay_time_to_first_token_seconds",
            "Time to the first piece of a streamed answer.",
            buckets=SECONDS,
            registry=registry,
        )
        self.held = Histogram(
            "unsay_held_characters",
            "Most characters held back at a time in a stream.",
            buckets=HELD,
            registry=registry,
        )
        self.running = Gauge(
            "unsay_requests_running", "Requests under way.", registry=registry, multiprocess_mode="livesum"
        )
        self.waiting = Gauge(
            "unsay_requests_waiting", "Requests in the queue.", registry=registry, multiprocess_mode="livesum"
        )
        # As clients are told them.
        self._prompt_tokens = Counter("unsay_prompt_tokens", "Tokens of prompts.", registry=registry)
        self._generation_tokens = Counter("unsay_generation_tokens", "Tokens of answers.", registry=registry)
        # The lowest of all workers: what it says is in force everywhere.
        self.generation = Gauge(
            "unsay_snapshot_generation",
            "Generation of the snapshot in force.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.near_is_hit = Counter(
            "unsay_near_is_hit", "Requests of keys whose budget of near-hits was empty.", registry=registry
        )
        self.remembered = Counter(
            "unsay_remembered", "Requests to which earlier ones of their session added.", registry=registry
        )
        self.memory_errors = Counter(
            "unsay_memory_errors", "Times that the memory of sessions could not be used.", registry=registry
        )
        self.reload_failed = Gauge(
            "unsay_reload_failed",
            "1 while a changed file cannot be used and the last good one stays in force.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._of_other_answers(registry)
        self._of_the_ledger(registry)

    def _of_other_answers(self, registry: CollectorRegistry) -> None:
        """What is done besides withholding."""
        self.rewrite_requests = Counter(
            "unsay_rewrite_requests",
            "Further requests to the model server, for answers written anew.",
            registry=registry,
        )
        # The lowest of all workers: each has its own canaries.
        self.steering = Gauge(
            "unsay_steering_in_force",
            "1 while the model server has shown that it steers; 0 while it has not, or need not.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def _of_the_ledger(self, registry: CollectorRegistry) -> None:
        # All workers see the same: what was seen last is true.
        self._ledger_sequence = Gauge(
            "unsay_ledger_sequence",
            "Last record of the ledger in force; -1 before any is.",
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._ledger_silent = Gauge(
            "unsay_ledger_silent_seconds",
            "Since when the ledger that is followed was not heard.",
            registry=registry,
            multiprocess_mode="livemostrecent",
        )

        self.monitored_requests = cache(
            Counter(
                "unsay_monitored_requests",
                "What would have become of requests, were the monitored entries enforced.",
                ["outcome"],
                registry=registry,
            ).labels
        )
        self.monitored_findings = cache(
            Counter(
                "unsay_monitored_findings",
                "What was found of monitored entries and what would have been done.",
                ["surface", "action", "detector"],
                registry=registry,
            ).labels
        )

    def tokens(self, usage: Json) -> None:
        counters = {"prompt_tokens": self._prompt_tokens, "completion_tokens": self._generation_tokens}
        for name, counter in counters.items():
            if isinstance(count := usage.get(name), int):
                counter.inc(count)

    def ledger(self, sequence: int, silent_s: float) -> None:
        """Where one is followed."""
        self._ledger_sequence.set(sequence)
        self._ledger_silent.set(silent_s)

    def text(self) -> bytes:
        if self._shared is None:
            return generate_latest(self._registry)
        all_workers = CollectorRegistry()
        MultiProcessCollector(all_workers, str(self._shared))  # type: ignore[no-untyped-call]
        return generate_latest(all_workers)


def _share(folder: Path) -> None:
    """The library has one way for all numbers of a process, so a process that shares them has one app."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    # Made after the fork, so the library need not ask with every number whether there was one.
    pid = os.getpid()
    values.ValueClass = values.MultiProcessValue(lambda: pid)  # type: ignore[no-untyped-call]


def forget_process(folder: Path, pid: int) -> None:
    """Take a worker that has ended out of what is true only of the living."""
    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
