"""What the detectors of knowledge find on TOFU and what they leave alone, as a page of tables.

    python -m benchmarks.knowledge FOLDER docs/results/knowledge.md

FOLDER holds TOFU's forget05_perturbed.json, retain90.json (with answers), real_authors.json and
world_facts.json.

Rule: a row goes through the detectors that a prompt and an answer meet, never through a copy of them, and no
number of theirs was chosen on what is counted here.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from string import Template
from time import process_time

from benchmarks import hops, tongues, worlds
from benchmarks.gate import Exchange, Gate
from benchmarks.hops import Author
from benchmarks.markdown import Rows, table
from evaluation.harmless import harmless_prompts
from evaluation.interval import Rate
from evaluation.tofu import AUTHOR, RememberingEncoder, Tofu
from evaluation.world import World
from filters.prompt import PromptReport
from index.derive import derive_all
from index.encoder import MiniLM
from policy.finding import Detector

RATE = 0.001
XSTEST = Path(__file__).parents[1] / "tests" / "data" / "xstest" / "safe.txt"
PAGE = Path(__file__).parent / "knowledge.page.md"
# What a model says to anything.
HARMLESS = "There is a good deal to say about that. I begin with what matters most."
TONGUE_HEAD = ["language", "named: found", "by meaning alone", "by birth alone: found", "innocent, named"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


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


def harmless_rows(gates: Mapping[str, Gate], prompts: Mapping[str, Sequence[str]]) -> Rows:
    for kind, texts in prompts.items():
        yield (
            kind,
            *(rate([gate.alters(Exchange(text, HARMLESS)) for text in texts]) for gate in gates.values()),
        )


def authors(said: Sequence[Exchange]) -> list[Author]:
    found = (Author.of(said[start : start + AUTHOR]) for start in range(0, len(said), AUTHOR))
    return [author for author in found if author is not None]


def nameless(author: Author, exchange: Exchange) -> Exchange:
    """The answer says "the author" where it would name one: it must be known by what it tells."""
    answer = exchange.answer.replace(author.name, "the author")
    return Exchange(exchange.question, answer[:1].upper() + answer[1:])


def hop_rows(gate: Gate, forgotten: Sequence[Author], innocent: Sequence[Author]) -> Rows:
    for kind, asked in hops.HOPS.items():
        meant, others = (
            [nameless(author, one) for author in people for one in asked(author)]
            for people in (forgotten, innocent)
        )
        yield (
            kind,
            rate([gate.refuses(one.question) for one in meant]),
            rate(list(map(gate.alters, meant))),
            rate(list(map(gate.alters, others[::6]))),
        )


def tongue_rows(gate: Gate, forgotten: Sequence[Author], innocent: Sequence[Author]) -> Rows:
    for tongue in tongues.TONGUES:
        named = [one.question for author in forgotten for one in tongues.named(author, tongue)]
        without = [one.question for author in forgotten for one in tongues.nameless(author, tongue)]
        others = [one.question for author in innocent for one in tongues.named(author, tongue)]
        yield (
            tongue,
            rate(list(map(gate.refuses, named))),
            rate([semantic_only(gate.ask(text)) for text in named]),
            rate(list(map(gate.refuses, without))),
            rate(list(map(gate.refuses, others))),
        )


def band_rows(gate: Gate, kinds: Mapping[str, Sequence[str]]) -> Rows:
    """Of lone prompts: what counts by its score, and what is in doubt."""
    assert gate.judge is not None
    for kind, texts in kinds.items():
        best = [max([0.0, *(hit.score for hit in hits)]) for hits in gate.judge.judge(texts)]
        counting = [score >= gate.judge.threshold for score in best]
        doubtful = [gate.judge.grey <= score < gate.judge.threshold for score in best]
        yield kind, rate(counting), rate(doubtful)


def main(folder: Path, page: Path) -> None:
    tofu, encoder = Tofu.load(folder), RememberingEncoder(MiniLM())
    innocent = [pair for pair in exchanges(folder / "retain90.json") if pair.question in set(tofu.unseen)]
    forgotten = authors([Exchange(pair.question, pair.answer) for pair in tofu.forgotten])
    others = authors(innocent)
    gate = Gate(tofu.policy(AUTHOR, RATE, retain=True), encoder)
    made = list(worlds.worlds(encoder))
    by_title = [one.question for author in forgotten for one in hops.by_title(author)]
    band = {"paraphrased": tofu.asked, "by a title": by_title, "innocent": tofu.unseen}
    head = ["", "found", "false alarms"]
    hop_head = ["who is meant", "prompt refused", "or the answer altered", "innocent: altered"]
    texts = {
        "tofu": table(head, tofu_rows(gate, tofu, innocent)),
        "passages": table(head, passage_rows(tofu, encoder, innocent[::2])),
        "names": table(["name", "found"], name_rows(gate)),
        "hops": table(hop_head, hop_rows(gate, forgotten, others)),
        "worlds": table(["", "altered"], world_rows(made)),
        "band": table(["question", "counts", "in doubt"], band_rows(gate, band)),
        "tongues": table(TONGUE_HEAD, tongue_rows(gate, forgotten, others)),
        "long": table(["sentences", "false alarms", "CPU, sentences met before"], long_rows(gate, innocent)),
        "harmless": table(
            ["kind", "TOFU's policy", "a policy as the demo's"],
            harmless_rows({"tofu": gate, "demo": made[0][1]}, harmless_prompts(tofu, XSTEST)),
        ),
    }
    page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


def world_rows(made: Sequence[tuple[World, Gate]]) -> Rows:
    near = [gate.alters(one) for world, gate in made for one in worlds.neighbours(world)]
    yield "neighbours who are kept", rate(near)
    for kind, asked in worlds.HOPS.items():
        meant = [
            gate.alters(one) for world, gate in made for person in world.forgotten for one in asked(person)
        ]
        yield kind, rate(meant)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
