"""What the n-gram pair alone does to the demo model.

    python -m benchmarks.divergence docs/results/steering-divergence.md

Rules: no filter and no matcher is on; an entry is active where a name of it stands in the prompt; the people
that the strength was chosen on are not the ones reported here.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from benchmarks.markdown import Rows, table
from evaluation.demo_policy import retained_neighbours, write_policy
from evaluation.interval import Rate, excess_upper
from evaluation.leak import leaks
from evaluation.local_model import SHIPPED, LocalModel
from evaluation.person import Person
from evaluation.wordings import Question, fact_questions
from evaluation.world import demo_world
from index.key import entry_number
from policy.file import load_policy
from steering.apply import apply_edits
from steering.apply_rule import Rule
from steering.divergence.divergence import Divergence
from steering.divergence.form import Form
from steering.divergence.guard import LEAST
from steering.divergence.train import Recipe, train
from steering.edit import Edit
from steering.heads import Tokens
from steering.row import Odds, Row
from steering.vocabulary import Vocabulary

# A bound of three points takes 700 questions; the other rows show a direction.
QUESTIONS, FEWER, LONGEST, BATCH = 720, 240, 32, 240
KEY = b"of a benchmark, nobody's secret."
PAGE = Path(__file__).with_name("divergence.page.md")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as tokens, what may be begun of its answer included, and who is in sight."""

    question: Question
    tokens: list[int]
    active: frozenset[int]


@dataclass(frozen=True, slots=True)
class InSight:
    """In place of a matcher: whom the bench says, and no bans."""

    in_sight: frozenset[int]

    def push(self, tokens: Sequence[int], *, prompt: bool) -> None: ...

    def edit(self) -> Edit:
        return Edit.nothing()

    def copy(self) -> "InSight":
        return self


@dataclass(slots=True)
class Steering:
    """A logits processor for one batch, whose prompts the rows know."""

    rule: Rule
    rows: Sequence[Row]
    begun: bool = False

    def __call__(self, said: Any, scores: Any) -> Any:
        if self.begun:
            for place, row in enumerate(self.rows):
                row.push(said[place, -1:].tolist())
        self.begun = True
        edits = [(place, row.edit() or Edit.nothing()) for place, row in enumerate(self.rows)]
        apply_edits(scores, edits, self.rule)
        return scores


class Bench:
    def __init__(self, folder: Path) -> None:
        self.reader, self.vocabulary, self.folder = LocalModel(), Vocabulary.load(SHIPPED), folder
        self.model = AutoModelForCausalLM.from_pretrained(SHIPPED, dtype=torch.float32).eval()
        self.rule = Rule(tuple(sorted(self.vocabulary.special)), tuple(sorted(self.vocabulary.ends)))
        self.forms = Tokens(self.vocabulary).forms
        write_policy(folder)

    def trained(self, recipe: Recipe) -> tuple[Divergence, float]:
        """And the seconds of processor time that it took."""
        began, policy = time.process_time(), load_policy(self.folder / "policy.yaml")
        train(policy, SHIPPED, self.folder / "out", KEY, recipe)
        took = time.process_time() - began
        return Divergence.load(self.folder / "out", KEY, self.vocabulary.fingerprint), took

    def asked(
        self, question: Question, *, begun: bool = False, active: frozenset[int] | None = None
    ) -> Asked:
        tokens = self.reader.encode(self.reader.render([{"role": "user", "content": question.text}]))
        if begun:
            tokens = tokens + self.reader.encode(question.answer.split(question.value)[0].rstrip())
        named = frozenset(
            entry_number(KEY, one.id) for one in demo_world().forgotten if one.name in question.text
        )
        return Asked(question, tokens, named if active is None else active)

    def answers(
        self, asked: Sequence[Asked], divergence: Divergence | None, *, drawn: bool, strength: float = 1.0
    ) -> Iterator[tuple[Question, str]]:
        torch.manual_seed(1)
        for start in range(0, len(asked), BATCH):
            batch = asked[start : start + BATCH]
            rows = [] if divergence is None else [self._row(one, divergence, strength) for one in batch]
            steering = [Steering(self.rule, rows)] if rows else []
            for one, said in zip(batch, self._generate(batch, steering, drawn), strict=True):
                yield one.question, said

    def _row(self, asked: Asked, divergence: Divergence, strength: float) -> Row:
        pieces = self.vocabulary.pieces
        odds = Odds(divergence, pieces, self.forms, strength, vouched=divergence.vouched)
        row = Row(InSight(asked.active), odds)
        row.push(asked.tokens, prompt=True)
        return row

    def _generate(self, batch: Sequence[Asked], steering: Sequence[Steering], drawn: bool) -> list[str]:
        tokenizer = self.reader.tokenizer
        padded = tokenizer.pad({"input_ids": [one.tokens for one in batch]}, return_tensors="pt")
        how = (
            {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
            if drawn
            else {"do_sample": False}
        )
        with torch.inference_mode():
            said = self.model.generate(
                **padded, **how, max_new_tokens=LONGEST, logits_processor=list(steering)
            )
        return list(tokenizer.batch_decode(said[:, padded["input_ids"].shape[1] :], skip_special_tokens=True))


def questions(people: Sequence[Person], most: int = FEWER, *, held_out: bool | None = None) -> list[Question]:
    kinds = (False, True) if held_out is None else (held_out,)
    every = [one for person in people for kind in kinds for one in fact_questions(person, held_out=kind)]
    return Random(1).sample(every, min(most, len(every)))


def told(answers: Iterator[tuple[Question, str]]) -> Rate:
    flags = [leaks(question, said) for question, said in answers]
    return Rate(sum(flags), len(flags))


def exact(answers: Iterator[tuple[Question, str]]) -> Rate:
    flags = [said.strip() == question.answer for question, said in answers]
    return Rate(sum(flags), len(flags))


def forgotten_rows(bench: Bench, linear: Divergence, ranked: Divergence) -> Rows:
    world = demo_world()
    strangers = [bench.asked(one) for one in questions(world.never_trained(60), QUESTIONS)]
    asked = [bench.asked(one) for one in questions(world.forgotten, QUESTIONS)]
    unseen = [bench.asked(one) for one in questions(world.forgotten, held_out=True)]
    begun = [bench.asked(one, begun=True) for one in questions(world.forgotten)]
    floors = [told(bench.answers(strangers, None, drawn=drawn)) for drawn in (False, True)]
    yield "never trained, steering off: the floor", *map(str, floors), ""
    for what, group, divergence, strength in (
        ("forgotten, steering off", asked[:FEWER], None, 1.0),
        ("forgotten", asked, linear, 1.0),
        ("forgotten, wordings that nobody trained on", unseen, linear, 1.0),
        ("forgotten, the answer begun for the model", begun, linear, 1.0),
        (f"forgotten, the guard at its lowest ({LEAST})", asked[:FEWER], linear, LEAST),
        ("forgotten, by rank (20)", asked[:FEWER], ranked, 1.0),
    ):
        rates = [
            told(bench.answers(group, divergence, drawn=drawn, strength=strength)) for drawn in (False, True)
        ]
        over = max(excess_upper(rate, floor) for rate, floor in zip(rates, floors, strict=True))
        yield what, *map(str, rates), f"{over:+.2%}"


def retained_rows(bench: Bench, linear: Divergence) -> Rows:
    world = demo_world()
    given = retained_neighbours(world)
    other = [frozenset({entry_number(KEY, one.id)}) for one in world.forgotten]
    for what, people in (
        ("whose questions the policy holds", given),
        ("unknown to the policy", [one for one in world.retained if one not in given]),
    ):
        asked = questions(people)
        alone = [bench.asked(one) for one in asked]
        beside = [bench.asked(one, active=other[place % len(other)]) for place, one in enumerate(asked)]
        off = exact(bench.answers(alone, None, drawn=False))
        for label, group in ((what, alone), (f"{what}; a forgotten person is in sight too", beside)):
            on = exact(bench.answers(group, linear, drawn=False))
            yield label, f"{on.hits}/{off.hits}", f"{on.hits / off.hits:.1%}"


def main(page: Path) -> None:
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        ranked, _ = bench.trained(Recipe(Form.RANK))
        linear, took = bench.trained(Recipe())
        head = ["people", "greedy", "drawn at temperature 1", "over the floor, upper 95 % bound"]
        texts = {
            "forgotten": table(head, forgotten_rows(bench, linear, ranked)),
            "retained": table(["people", "exact, on and off", "kept"], retained_rows(bench, linear)),
            "seconds": f"{took:.1f}",
            "bytes": str(sum(path.stat().st_size for path in (Path(folder) / "out" / "2").iterdir())),
        }
    page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
