"""What the detectors of knowledge find on TOFU and what they leave alone, as a page of tables.

    python -m benchmarks.knowledge FOLDER docs/results/knowledge.md

FOLDER holds TOFU's forget05_perturbed.json, retain90.json (with answers), real_authors.json and
world_facts.json.

Rule: a row goes through the detectors that a prompt and an answer meet, never through a copy of them, and no
number of theirs was chosen on what is counted here.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from string import Template
from time import process_time

from evaluation.harmless import harmless_prompts
from evaluation.interval import Rate
from evaluation.tofu import AUTHOR, RememberingEncoder, Tofu
from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner
from filters.segment import Segment
from filters.semantic import Levels, answer_findings
from filters.step import Step
from index.build import build
from index.derive import derive_all
from index.encoder import MiniLM
from index.judge import FaissJudge, load_judge
from index.snapshot import Snapshot
from policy.action import Action
from policy.finding import Detector
from policy.policy import Policy
from policy.surface import Channel, Role

KEY = b"a key for measurements, 32 bytes"
RATE = 0.001
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = TextKey(0, Channel.CONTENT)
XSTEST = Path(__file__).parents[1] / "tests" / "data" / "xstest" / "safe.txt"
PAGE = Path(__file__).parent / "knowledge.page.md"
Rows = Iterator[Sequence[str]]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Exchange:
    question: str
    answer: str


class Gate:
    """What a gateway does with a prompt and with the answer to it, without the network."""

    def __init__(self, policy: Policy, encoder: RememberingEncoder, *, semantic: bool = True) -> None:
        folder = Path(tempfile.mkdtemp())
        build(policy, folder, KEY, encoder)
        self.snapshot = Snapshot.load(folder, KEY)
        self.policy = policy
        self.judge: FaissJudge | None = load_judge(self.snapshot, encoder, KEY) if semantic else None
        self.levels = Levels.of(self.judge)
        self._scanner = PromptScanner(self.snapshot, policy, "model", NOW, self.levels)

    def ask(self, text: str) -> PromptReport:
        report = self._scanner.scan([Segment(Role.USER, text, 0, ("messages", 0, "content"))])
        return self._scanner.settle(report, self.judge.judge(report.asks)) if self.judge else report

    def refuses(self, text: str) -> bool:
        return self.ask(text).action is Action.REFUSE

    def alters(self, exchange: Exchange) -> bool:
        """Whether the prompt is refused, or else its answer is not what the model said."""
        report = self.ask(exchange.question)
        if report.action is Action.REFUSE:
            return True
        guard = AnswerGuard(self.snapshot, self.policy, report, model="model", now=NOW)
        steps = [guard.feed(CONTENT, exchange.answer), guard.finish(CONTENT)]
        return "".join(text for step in steps for text in self._settled(guard, step)) != exchange.answer

    def _settled(self, guard: AnswerGuard, step: Step) -> Iterator[str]:
        yield step.text
        for ask in step.asks:
            hits = self.judge.judge([ask.text])[0] if self.judge else ()
            found = answer_findings(self.snapshot, ask, hits, self.levels) if self.levels else ()
            yield from self._settled(guard, guard.settle(CONTENT, ask, found))


def semantic_only(report: PromptReport) -> bool:
    return any(found.finding.detector is Detector.SEMANTIC for found in report.findings)


def rate(flags: Sequence[bool]) -> str:
    return str(Rate(sum(flags), len(flags)))


def exchanges(path: Path) -> list[Exchange]:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    return [Exchange(row["question"], row["answer"]) for row in rows]


def tofu_rows(gate: Gate, tofu: Tofu, innocent: Sequence[Exchange]) -> Rows:
    drafts = [Exchange(asked, pair.answer) for asked, pair in zip(tofu.asked, tofu.forgotten, strict=True)]
    unseen = [exchange.question for exchange in innocent]
    yield (
        "by meaning alone",
        *(rate([semantic_only(gate.ask(text)) for text in texts]) for texts in (tofu.asked, unseen)),
    )
    yield (
        "all detectors of a prompt",
        *(rate(list(map(gate.refuses, texts))) for texts in (tofu.asked, unseen)),
    )
    yield "with the draft judged", *(rate(list(map(gate.alters, pairs))) for pairs in (drafts, innocent[::3]))


def passage_rows(tofu: Tofu, encoder: RememberingEncoder, innocent: Sequence[Exchange]) -> Rows:
    """The answers as passages, without a question."""
    policy = tofu.policy(AUTHOR, RATE, retain=True)
    bare = tuple(
        replace(entry, questions=(), passages=(" ".join(pair.answer for pair in entry.questions),))
        for entry in policy.entries
    )
    gate = Gate(replace(policy, entries=bare, digest="passages"), encoder)
    unseen = [exchange.question for exchange in innocent]
    yield (
        "by meaning alone",
        *(rate([semantic_only(gate.ask(text)) for text in texts]) for texts in (tofu.asked, unseen)),
    )
    yield (
        "all detectors of a prompt",
        *(rate(list(map(gate.refuses, texts))) for texts in (tofu.asked, unseen)),
    )


def name_rows(gate: Gate) -> Rows:
    """Names alone: a question that says nothing else of whom it is about."""
    chance = Random(2026)
    names = [name for found in derive_all(gate.policy.entries) for name in found.names if " " in name]
    ways: dict[str, Callable[[list[str]], list[str]]] = {
        "one letter wrong in the last word": lambda words: [*words[:-1], misspelled(words[-1], chance)],
        "one letter wrong in the first word": lambda words: [misspelled(words[0], chance), *words[1:]],
        "one letter wrong in every word": lambda words: [misspelled(word, chance) for word in words],
        "an initial in between": lambda words: [*words[:-1], "J.", words[-1]],
        "a middle name in between": lambda words: [*words[:-1], "James", words[-1]],
    }
    for way, write in ways.items():
        asked = [f"Tell me about {' '.join(write(name.split()))}." for name in names for _ in range(10)]
        yield way, rate([gate.refuses(text) for text in asked])


def misspelled(word: str, chance: Random) -> str:
    place, letter = chance.randrange(len(word) - 1), chance.choice(LETTERS)
    rest = word[place + 1 :]
    ways = [rest, letter + word[place:], rest[:1] + word[place] + rest[1:], letter + rest]
    return word[:place] + chance.choice(ways)


def long_rows(gate: Gate, innocent: Sequence[Exchange], prompts: int = 200) -> Rows:
    """Prompts of many sentences, none about anything forgotten, and what they cost."""
    chance = Random(7)
    said = [text for exchange in innocent for text in (exchange.question, exchange.answer)][:1200]
    for size in (1, 8, 32, 128):
        texts = [" ".join(chance.sample(said, size)) for _ in range(prompts if size < 100 else prompts // 2)]
        begun = process_time()
        alarms = rate([semantic_only(gate.ask(text)) for text in texts])
        yield f"{size}", alarms, f"{1000 * (process_time() - begun) / len(texts):.0f} ms"


def table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def harmless_rows(gate: Gate, prompts: Mapping[str, Sequence[str]]) -> Rows:
    for kind, texts in prompts.items():
        yield kind, rate(list(map(gate.refuses, texts)))


def main(folder: Path, page: Path) -> None:
    tofu, encoder = Tofu.load(folder), RememberingEncoder(MiniLM())
    innocent = [pair for pair in exchanges(folder / "retain90.json") if pair.question in set(tofu.unseen)]
    gate = Gate(tofu.policy(AUTHOR, RATE, retain=True), encoder)
    head = ["", "found", "false alarms"]
    page.write_text(
        Template(PAGE.read_text(encoding="utf-8")).substitute(
            tofu=table(head, tofu_rows(gate, tofu, innocent)),
            passages=table(head, passage_rows(tofu, encoder, innocent[::2])),
            names=table(["name", "found"], name_rows(gate)),
            long=table(["sentences", "false alarms", "CPU, sentences met before"], long_rows(gate, innocent)),
            harmless=table(["kind", "altered"], harmless_rows(gate, harmless_prompts(tofu, XSTEST))),
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
