"""What the exact detectors cost: microseconds for a word of a prompt and for an event of an answer.

Prose is invented, as in bench_index.py. A clean text holds nothing forgotten, a dirty one a name and a window
of a passage every fifty words. Processor time, the best of several passes, because other processes disturb.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench_index import KEY, prose

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
PASSES = 7
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
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return min(took) * 1e6


def prompt_cost(snapshot: Snapshot, policy: Policy, text: str) -> float:
    scanner, said = PromptScanner(snapshot, policy, "demo", NOW), messages(text)
    return best(lambda: scanner.scan(said)) / len(units(text))


def short_prompt_cost(snapshot: Snapshot, policy: Policy) -> float:
    scanner = PromptScanner(snapshot, policy, "demo", NOW)
    said = [Segment(Role.USER, "Tell me something about lamps.", 0, ("messages", 0, "content"))]
    return best(lambda: [scanner.scan(said) for _ in range(100)]) / 100


def answer_cost(snapshot: Snapshot, policy: Policy, tokens: list[str], whole: bool = False) -> float:
    report = PromptScanner(snapshot, policy, "demo", NOW).scan(messages("Tell me something."))
    pieces = ["".join(tokens)] if whole else tokens

    def answer() -> None:
        guard = AnswerGuard(snapshot, policy, report, model="demo", now=NOW)
        for piece in pieces:
            guard.feed(CONTENT, piece)
        guard.finish(CONTENT)

    return best(answer) / len(tokens)


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
                print(f"{answer_cost(snapshot, policy, tokens):.2f} us an answer event,", end=" ")
                print(f"{answer_cost(snapshot, policy, tokens, whole=True):.2f} us whole")
            print(f"  a short prompt: {short_prompt_cost(snapshot, policy):.0f} us")


if __name__ == "__main__":
    main()
