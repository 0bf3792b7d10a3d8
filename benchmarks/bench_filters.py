"""What the exact detectors cost: microseconds for a word of a prompt and for an event of an answer.

Prose is invented, as in bench_index.py. A clean text holds nothing forgotten, a dirty one a name and a window
of a passage every fifty words. The best of several passes counts, because other processes disturb.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench_index import KEY, prose
from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptScanner, Segment
from index.build import build
from index.snapshot import Snapshot
from index.units import units
from policy.action import Action
from policy.entry import Entry
from policy.policy import Policy, Rule, Verbatim, When
from policy.surface import Channel, Role

NOW = datetime.now(UTC)
CONTENT = TextKey(0, Channel.CONTENT)
PASSES = 15
SLICE = 50
WORDS = 3_000
EVENTS = 2_000
SIGNS = (",", ".", "\n", "s", "ing", " 7", "42")


def policy_of(entries: int) -> Policy:
    """Each entry has a name, a number and a passage of a hundred words. What is found is flagged only."""
    chance, tokens = random.Random(3), prose(entries * 100, 2)
    made = tuple(
        Entry(
            f"entry-{place}",
            names=(f"Q{chance.getrandbits(40):x} Z{chance.getrandbits(40):x}",),
            passages=("".join(tokens[100 * place : 100 * place + 100]),),
            secrets=(f"{chance.randrange(10**9, 10**10)}",),
        )
        for place in range(entries)
    )
    rule = Rule(When(), dict.fromkeys(Role, Action.FLAG), Action.FLAG)
    return Policy(made, "0" * 64, (rule,), Verbatim(8, 2), None)


def tokens_of(count: int, policy: Policy | None = None) -> list[str]:
    """What a model says, token by token; with a policy, something of it every fifty words."""
    chance, tokens = random.Random(7), prose(count, 5)
    for place in range(10, len(tokens)):
        if chance.random() < 0.25:
            tokens[place] = chance.choice(SIGNS)
        if policy is not None and place % 50 == 0:
            entry = chance.choice(policy.entries)
            tokens[place : place + 1] = [
                f" {word}" for word in f"{entry.names[0]} {entry.passages[0][:90]}".split()
            ]
    return tokens[:count]


def messages(text: str) -> list[Segment]:
    """A conversation of ten turns."""
    size = len(text) // 10 + 1
    roles = (Role.SYSTEM, *(Role.USER, Role.ASSISTANT) * 5)
    return [
        Segment(role, text[size * place : size * (place + 1)], place, ("messages", place, "content"))
        for place, role in enumerate(roles[:10])
    ]


def best(work: Callable[[], object]) -> float:
    """Microseconds."""
    took = []
    for _ in range(PASSES):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took) * 1e6


def prompt_cost(snapshot: Snapshot, policy: Policy, text: str) -> float:
    scanner, said = PromptScanner(snapshot, policy, "demo", NOW), messages(text)
    return best(lambda: scanner.scan(said)) / len(units(text))


def short_request_cost(snapshot: Snapshot, policy: Policy) -> float:
    """All that a request costs before its answer: a short prompt, and a guard that has read one word."""
    said = [Segment(Role.USER, "Tell me something about lamps.", 0, ("messages", 0, "content"))]

    def request() -> None:
        report = PromptScanner(snapshot, policy, "demo", NOW).scan(said)
        AnswerGuard(snapshot, policy, report, model="demo").feed(CONTENT, "Yes")

    return best(request)


def answer_cost(snapshot: Snapshot, policy: Policy, pieces: list[str]) -> float:
    """For all pieces together: each slice of them in its best pass."""
    report = PromptScanner(snapshot, policy, "demo", NOW).scan(messages("Tell me something."))
    slices = [pieces[first : first + SLICE] for first in range(0, len(pieces), SLICE)]
    took = [float("inf")] * len(slices)
    for _ in range(PASSES):
        guard = AnswerGuard(snapshot, policy, report, model="demo")
        for place, slice_of in enumerate(slices):
            begun = time.perf_counter()
            for piece in slice_of:
                guard.feed(CONTENT, piece)
            took[place] = min(took[place], time.perf_counter() - begun)
    return sum(took) * 1e6


def main() -> None:
    for entries in (1, 1_000):
        policy = policy_of(entries)
        with TemporaryDirectory() as folder:
            build(policy, Path(folder), KEY)
            snapshot = Snapshot.load(Path(folder), KEY)
            print(f"{100 * entries} forgotten words")
            for name, known in (("clean", None), ("dirty", policy)):
                text, tokens = "".join(tokens_of(WORDS, known)), tokens_of(EVENTS, known)
                print(f"  {name}: {prompt_cost(snapshot, policy, text):.2f} us a prompt word,", end=" ")
                streamed = answer_cost(snapshot, policy, tokens) / len(tokens)
                whole = answer_cost(snapshot, policy, ["".join(tokens)]) / len(tokens)
                print(f"{streamed:.2f} us an answer event, {whole:.2f} us when all come in one piece")
            print(f"  a short request: {short_request_cost(snapshot, policy):.0f} us")


if __name__ == "__main__":
    main()
