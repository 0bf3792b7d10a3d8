"""Artefacts of a few entries for tests, each beside the slow way of knowing what it must do."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policy.entry import Entry
from policy.policy import Policy, Verbatim
from steering.artefact import Artefact
from steering.compile import build
from steering.matcher import Matcher
from steering.vocabulary import Vocabulary
from tests.steering.oracle import KEY, Oracle

END = 0
PASSAGES = ("He was born in the harbour town of Brightwater, the third son of a lighthouse keeper.",)


@dataclass(frozen=True)
class Forgetting:
    """An artefact of some entries, and the slow way of knowing what it must do."""

    artefact: Artefact
    oracle: Oracle

    @classmethod
    def of(cls, policy: Policy, vocabulary: Vocabulary, steered: frozenset[int]) -> "Forgetting":
        with tempfile.TemporaryDirectory() as folder:
            build(policy, Path(folder), KEY, vocabulary, 1)
            artefact = Artefact.load(Path(folder), KEY, vocabulary)
        return cls(artefact, Oracle(policy, vocabulary, steered))

    def matcher(self, steered: frozenset[int]) -> Matcher:
        return self.artefact.matcher(frozenset(self.artefact.book.numbers[place] for place in steered))


def policy_of(found: Sequence[Entry], window: int = 8) -> Policy:
    return Policy(tuple(found), "d" * 64, verbatim=Verbatim(window, 2))


def spelled(forgetting: Forgetting, text: str) -> list[int]:
    """One byte a token, as nothing else would."""
    pieces = forgetting.artefact.vocabulary.pieces
    return [pieces.index(bytes([byte])) for byte in text.encode()]
