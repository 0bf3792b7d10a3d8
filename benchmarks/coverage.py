"""How much of edited passages is found, in prompts and in answers, and of other text.

`python -m benchmarks.coverage [DATA [TRIALS]]` writes docs/results/coverage.json and coverage.md. DATA holds
folders of poems (`poems/TITLE by AUTHOR.txt`) and of TOFU (`tofu/forget05.json`, `tofu/retain90.json`).

Only what coverage and windows find counts: names and secrets are not looked at.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.coverage_cases import Case, Turns, cases, edited, filled, in_pieces, texts_of, turned
from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptScanner, Segment
from index.build import build
from index.snapshot import Snapshot
from policy.entry import Entry, Retain
from policy.finding import Detector
from policy.policy import Policy
from policy.surface import Channel, Role

KEY = bytes(range(32))
NOW = datetime.now(UTC)
CONTENT = TextKey(0, Channel.CONTENT)
COUNTING = {Detector.COVERAGE, Detector.VERBATIM}
RATES = (0.05, 0.15, 0.3)
TRIALS = 300
WORDS = 200
RESULTS = Path(__file__).parents[1] / "docs" / "results"
COMMAND = "python -m benchmarks.coverage DATA 300"

Row = dict[str, float | int | str]
Look = Callable[[str, Random], set[Detector]]


class Finder:
    """The detectors that a prompt and an answer meet, with a policy of these passages."""

    def __init__(self, case: Case, folder: Path) -> None:
        retain = tuple(Retain(text, f"r{place // 20}") for place, text in enumerate(case.retain))
        entries = tuple(
            Entry(f"e{place}", passages=(text,), retain=() if place else retain)
            for place, text in enumerate(case.passages)
        )
        self._policy = Policy(entries, "0" * 64, semantic=None)
        build(self._policy, folder, KEY)
        self._snapshot = Snapshot.load(folder, KEY)
        self._scanner = PromptScanner(self._snapshot, self._policy, "demo", NOW)
        self._asked = self._scanner.scan(_segments([(Role.USER, "Go on.")]))

    def in_turns(self, turns: Turns) -> set[Detector]:
        findings = self._scanner.scan(_segments(turns)).findings
        return COUNTING & {found.finding.detector for found in findings}

    def in_prompt(self, text: str) -> set[Detector]:
        return self.in_turns([(Role.USER, text)])

    def in_answer(self, text: str) -> tuple[set[Detector], int]:
        """What finds it, and how many words go out before the rest is withheld."""
        guard = AnswerGuard(self._snapshot, self._policy, self._asked, model="demo")
        if not any(guard.feed(CONTENT, f"{word} ").stop for word in text.split()):
            guard.finish(CONTENT)
        found = COUNTING & {taken.finding.detector for taken in guard.findings}
        return found, len(guard.sent(CONTENT).partition(self._policy.notice)[0].split())


def _segments(turns: Turns) -> list[Segment]:
    return [Segment(role, text, place, ("messages", place)) for place, (role, text) in enumerate(turns)]


def measure(case: Case, folder: Path, trials: int = TRIALS) -> Row:
    """Shares of trials that were found, words that went out, and how many other texts were altered."""
    finder = Finder(case, folder)

    def share(found: Look) -> float:
        chances = (Random(f"{number}") for number in range(trials))
        passages = (case.passages[number % len(case.passages)] for number in range(trials))
        return sum(map(bool, map(found, passages, chances))) / trials

    row: Row = {"trials": trials, "passages": len(case.passages)}
    for rate in RATES:
        row[f"prompt {rate:.0%}"] = share(_in_prompt(finder, partial(_edited, rate)))
        row |= _in_answers(finder, case, rate, trials)
    row["pieces"] = share(lambda text, by: finder.in_turns(in_pieces(text, by, shuffled=False)))
    row["pieces, any order"] = share(lambda text, by: finder.in_turns(in_pieces(text, by, shuffled=True)))
    for every in (1, 2, 3):
        row[f"filler {every}"] = share(_in_prompt(finder, partial(_filled, every)))
    row["sentences turned"] = share(_in_prompt(finder, turned))
    return row | _altered(finder, case)


def _edited(rate: float, text: str, by: Random) -> str:
    return edited(text, rate, by)


def _filled(every: int, text: str, by: Random) -> str:
    return filled(text, every, by)


def _in_prompt(finder: Finder, change: Callable[[str, Random], str]) -> Look:
    return lambda text, by: finder.in_prompt(f"Is this right? {change(text, by)} Tell me.")


def _in_answers(finder: Finder, case: Case, rate: float, trials: int) -> Row:
    """The last three: how many words of the passage went out before the rest was withheld."""
    sent = [
        finder.in_answer(edited(case.passages[number % len(case.passages)], rate, Random(f"{rate} {number}")))
        for number in range(trials)
    ]
    words = sorted(count for found, count in sent if found) or [0]
    return {
        f"answer {rate:.0%}": sum(bool(found) for found, _ in sent) / trials,
        f"words out {rate:.0%}, median": words[len(words) // 2],
        f"words out {rate:.0%}, 95 %": words[len(words) * 95 // 100],
        f"words out {rate:.0%}, most": words[-1],
    }


def _altered(finder: Finder, case: Case) -> Row:
    others = texts_of(WORDS, case.others)
    altered = _altering(finder, others)
    return {
        "other texts": len(others),
        "other texts altered by coverage": altered[Detector.COVERAGE],
        "other texts altered by windows": altered[Detector.VERBATIM],
        "retain texts": len(case.retain),
        "retain texts altered by coverage": _altering(finder, case.retain)[Detector.COVERAGE],
    }


def _altering(finder: Finder, texts: Sequence[str]) -> Counter[Detector]:
    """How many of the texts each of the detectors finds something in, as a prompt or as an answer."""
    return Counter(found for text in texts for found in finder.in_prompt(text) | finder.in_answer(text)[0])


def page(rows: dict[str, Row]) -> str:
    """A table with a column for each case."""
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(_said(row[name]) for row in rows.values()) + " |" for name in names]
    return "\n".join([*HEAD, *lines, ""])


HEAD = (
    "# Edited passages",
    "",
    f"Made by `{COMMAND}`: shares of the trials, found by coverage or windows alone. `prompt 5%`: so",
    "many of the words edited (replaced, left out, put in, exchanged). `words out`: how many words of the",
    "edited passage went out in a stream before the rest was withheld. `filler 2`: one after every second",
    f"word. Other texts have {WORDS} words and are of the passages' kind; each is a prompt and an answer.",
    "",
)


def _said(value: float | int | str) -> str:
    return f"{100 * value:.1f} %" if isinstance(value, float) else str(value)


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    trials = int(sys.argv[2]) if len(sys.argv) > 2 else TRIALS
    rows: dict[str, Row] = {}
    for name, made in cases(data).items():
        with TemporaryDirectory() as folder:
            rows[name] = measure(made(), Path(folder), trials)
        print(name, rows[name], flush=True)
        (RESULTS / "coverage.json").write_text(
            json.dumps({"command": COMMAND, "rows": rows}, indent=1) + "\n"
        )
        (RESULTS / "coverage.md").write_text(page(rows))


if __name__ == "__main__":
    main()
