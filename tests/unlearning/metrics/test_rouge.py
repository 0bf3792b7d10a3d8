"""ROUGE-L says what the package says by which published figures were made, and keeps its bounds."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlearning.metrics.rouge import rouge_l, words

RECORDED = Path(__file__).parents[2] / "data" / "rouge" / "rouge_score.json"
WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


@pytest.mark.parametrize(("kind", "stem"), [("plain", False), ("stemmed", True)])
def test_every_recorded_pair_scores_as_rouge_score_has_it(kind: str, stem: bool) -> None:
    pairs = json.loads(RECORDED.read_text(encoding="utf-8"))
    found = [rouge_l(words(one["said"], stem=stem), words(one["wanted"], stem=stem)) for one in pairs]
    assert len(pairs) == 98
    for one, pair in zip(found, pairs, strict=True):
        assert [one.recall, one.precision, one.f1] == pytest.approx(pair[kind], abs=1e-12), pair


def test_the_stemmer_is_seen_in_what_is_recorded() -> None:
    pairs = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert sum(one["plain"] != one["stemmed"] for one in pairs) >= 30


@given(WORDS, WORDS)
def test_the_common_words_are_the_longest_that_both_say_in_order(said: list[str], wanted: list[str]) -> None:
    def longest(left: tuple[str, ...], right: tuple[str, ...]) -> int:
        best: dict[tuple[int, int], int] = {}
        for i in range(len(left) - 1, -1, -1):
            for j in range(len(right) - 1, -1, -1):
                skip = max(best.get((i + 1, j), 0), best.get((i, j + 1), 0))
                take = 1 + best.get((i + 1, j + 1), 0) if left[i] == right[j] else 0
                best[i, j] = max(skip, take)
        return best.get((0, 0), 0)

    found = rouge_l(said, wanted)
    common = longest(tuple(said), tuple(wanted))
    assert found.recall == (common / len(wanted) if said and wanted else 0)
    assert found.precision == (common / len(said) if said and wanted else 0)


@given(WORDS, WORDS)
def test_recall_one_way_is_precision_the_other(said: list[str], wanted: list[str]) -> None:
    one, other = rouge_l(said, wanted), rouge_l(wanted, said)
    assert (one.recall, one.precision) == (other.precision, other.recall)
    assert one.f1 == pytest.approx(other.f1)
    assert 0 <= one.f1 <= 1


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_a_text_says_all_of_itself(said: list[str]) -> None:
    assert rouge_l(said, said).f1 == 1
