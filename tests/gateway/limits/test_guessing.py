"""Who guesses a passage word by word learns no more of it than the budget allows, over real sockets.

The guesser knows the first words and 500 candidates for each further one. It asks what follows, in one
question for many candidates, and looks whether the answer is the notice.
"""

import http.client
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import DONE, Canned, completion, said, stream, whole
from tests.gateway.running import (
    HOST,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.gateway.served import until

PASSAGE = (
    "every evening the keeper of the harbour light counted seven ships and wrote their names in a ledger "
    "bound with blue cloth before he climbed down to feed his goats beside the frozen well"
)
WORDS = PASSAGE.split()
OTHERS = [f"{first}{last}" for first in ("mar", "sol", "ten", "bri", "cal") for last in range(100)]
KNOWN = 7
Candidates = Callable[[str], list[str]]


@contextmanager
def gateway(canned: Canned, folder: Path, near_hits: float, **rest: Any) -> Iterator[Running]:
    config = config_for(canned.base_url, folder / "audit.jsonl", limits={"near_hits": near_hits})
    policy = policy_of(Entry("light", passages=(PASSAGE,)), **rest)
    with running(config, protection_of(policy, folder / "snapshot")) as one:
        yield one


@dataclass(slots=True)
class Guesser:
    one: Running
    known: list[str] = field(default_factory=lambda: WORDS[:KNOWN])
    asked: int = 0

    def refused(self, candidates: Sequence[str]) -> bool:
        self.asked += len(candidates)
        before = " ".join(self.known[-KNOWN:])
        answered = self.one.chat("\n".join(f"Does it go: {before} {word}?" for word in candidates))
        assert answered.status == 200
        text: str = answered.json["choices"][0]["message"]["content"]
        return text == NOTICE

    def guess(self, candidates: Sequence[str]) -> bool:
        """Find the next word among the candidates by halves. False when there is nothing to be seen."""
        while len(candidates) > 1:
            half = candidates[: len(candidates) // 2]
            candidates = half if self.refused(half) else candidates[len(half) :]
        if not self.refused(candidates) or self.refused(["zzz"]):
            return False
        self.known.extend(candidates)
        return True

    def play(self, candidates: Candidates, most: int) -> list[str]:
        """The words that it found, until it sees nothing any more."""
        while len(self.known) < KNOWN + most and self.guess(candidates(WORDS[len(self.known)])):
            pass
        return self.known[KNOWN:]


def among_500(right: str) -> list[str]:
    candidates = [*random.Random(right).sample(OTHERS, 499), right]
    random.Random(right).shuffle(candidates)
    return candidates


def only(right: str) -> list[str]:
    return [right]


def test_without_a_budget_the_passage_is_recovered(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion("No.")))
    with gateway(canned, tmp_path, 1e9) as one:
        assert Guesser(one).play(among_500, 3) == WORDS[KNOWN : KNOWN + 3]


def test_with_the_budget_nothing_is_recovered_from_500_candidates_a_word(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(whole(completion("No.")))
    with gateway(canned, tmp_path, 100) as one:
        guesser = Guesser(one)
        assert guesser.play(among_500, 3) == []
        assert guesser.refused(["zzz"]), "the budget is used up: everything near is a hit"
        assert one.records()[-1]["near_is_hit"]
        assert b"unsay_near_is_hit_total 0" not in one.ask("GET", "/metrics").body
        assert one.chat("What do keepers of a harbour light do?").json["choices"][0]["message"] == {
            "role": "assistant",
            "content": "No.",
            "refusal": None,
        }


def test_the_best_guesser_finds_no_more_words_than_the_budget_has_guesses(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(whole(completion("No.")))
    with gateway(canned, tmp_path, 9) as one:
        guesser = Guesser(one)
        found = guesser.play(only, 20)
        # Each word costs a guess and a look whether anything is to be seen.
        assert found == WORDS[KNOWN : KNOWN + 4]
        assert guesser.asked <= 12


def test_more_guesses_at_once_than_the_budget_holds_are_all_refused(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion("No.")))
    with gateway(canned, tmp_path, 9) as one:
        assert not Guesser(one).refused(OTHERS[:5])
        assert Guesser(one).refused(OTHERS[:5]), "four are left"


def test_a_right_and_a_wrong_guess_look_the_same_once_the_budget_is_empty(
    canned: Canned, tmp_path: Path
) -> None:
    canned.play(whole(completion("No.")))
    with gateway(canned, tmp_path, 0) as one:
        right, wrong = (
            one.chat(f"Is it {' '.join([*WORDS[:KNOWN], word])}?") for word in (WORDS[KNOWN], "elevn")
        )
    assert seen(right) == seen(wrong)
    assert right.json["choices"][0]["message"]["content"] == NOTICE


def seen(answered: Answered) -> Any:
    own = {"date", "x-request-id"}
    body = {name: value for name, value in answered.json.items() if name not in ("id", "created")}
    return answered.status, {k: v for k, v in answered.headers.items() if k not in own}, body


def pieces_heard(one: Running, canned: Canned, most: int) -> int:
    """How many pieces of seven words a client gets by asking again and again for a few tokens."""
    for heard in range(most):
        piece = WORDS[heard % 20 : heard % 20 + KNOWN]
        canned.play(stream(*said([f"{word} " for word in piece], "length"), DONE))
        answered = one.chat("Go on.", stream=True, max_tokens=7)
        if " ".join(piece) not in answered.text():
            return heard
    return most


@pytest.mark.parametrize(("near_hits", "heard"), [(1e9, 12), (5, 5)])
def test_short_answers_do_not_assemble_a_passage(
    near_hits: float, heard: int, canned: Canned, tmp_path: Path
) -> None:
    with gateway(canned, tmp_path, near_hits, prompt=Action.ALLOW) as one:
        assert pieces_heard(one, canned, 12) == heard


def test_who_leaves_early_is_charged_all_the_same(canned: Canned, tmp_path: Path) -> None:
    with gateway(canned, tmp_path, 5) as one:
        for _ in range(5):
            canned.play(stream(*said(["No."]), DONE, gate=threading.Event()))
            leave_early(one, canned, f"Is it {' '.join([*WORDS[:KNOWN], 'zzz'])}?")
            assert one.records()[-1]["outcome"] == "left"
        assert Guesser(one).refused(["zzz"])


def leave_early(one: Running, canned: Canned, content: str) -> None:
    """In the middle of the answer."""
    line, before = http.client.HTTPConnection(HOST, one.port, timeout=60), len(one.records())
    body = {"model": "demo", "stream": True, "messages": [{"role": "user", "content": content}]}
    line.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    until(lambda: canned.asked)
    line.close()
    until(lambda: len(one.records()) > before)
