"""The judge finds what is asked about the forgotten and leaves neighbours alone, saved or not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.calibration import Calibration
from index.encoder import MINILM_DIMENSION, MiniLM, Rows
from index.judge import FaissJudge, load_judge
from index.scoring import CANDIDATE_ENTRIES, SUPPORT, combined, margin, text_hits
from index.snapshot import Snapshot
from index.vector_index import VectorIndex
from index.vectors import Built, Vectors
from index.vectors_build import build_vectors
from policy.entry import Concept, Entry, Question, Reason
from policy.policy import Policy, Semantic
from tests.index.hash_encoder import HashEncoder

KEY, OTHER = b"k" * 32, b"o" * 32
CRANE, NEIGHBOURS = "Alden Vosskamp", ("Bela Vosskamp", "Alden Quistgaard", "Maren Delacroy")
ASKED = (
    "Where was {} born?",
    "When was {} born?",
    "What was the trade of {}'s father?",
    "Which book did {} write?",
    "What genre does {} write?",
    "What is the phone number of {}?",
)
PARAPHRASED = (
    "In which town did {} come into the world?",
    "What did the father of {} do for a living?",
    "Name the title of a work by {}.",
)
SAID = (
    "{} was born in Port Avelin.",
    "{} was born in 1951.",
    "{}'s father was a cobbler.",
    "{} wrote The Salt Road.",
    "{} writes ghost stories.",
    "It is 555-201-3391.",
)
PERSON = Entry(
    "person",
    Reason.PRIVACY,
    questions=tuple(
        Question(asked.format(CRANE), said.format(CRANE)) for asked, said in zip(ASKED, SAID, strict=True)
    ),
)
TOPIC = Entry(
    "topic",
    Reason.SAFETY,
    concept=Concept(
        "How to pick the lock of a door without its key.",
        ("Which tools open a pin tumbler lock?", "How do I rake a lock open?"),
    ),
)

STORY = Entry(
    "story",
    Reason.COPYRIGHT,
    passages=(
        "The lighthouse keeper fed the gulls at dawn. Every evening he wrote the weather into a red book. "
        "When the great storm came, the lamp went out and he rowed to the reef alone.",
    ),
)


@pytest.fixture(scope="module")
def built() -> Built:
    return build_vectors((PERSON, TOPIC, STORY), MiniLM(), KEY, 0.001)


@pytest.fixture(scope="module")
def judge(built: Built) -> FaissJudge:
    return FaissJudge(built.vectors, MiniLM(), KEY, built.calibration)


def found(judge: FaissJudge, text: str) -> set[int]:
    return {hit.entry for hit in judge.judge([text])[0] if hit.score >= judge.threshold}


@pytest.mark.parametrize("asked", [*ASKED, *PARAPHRASED])
def test_questions_about_the_subject_are_found(judge: FaissJudge, asked: str) -> None:
    assert found(judge, asked.format(CRANE)) == {0}


@pytest.mark.parametrize("name", NEIGHBOURS)
@pytest.mark.parametrize("asked", ASKED)
def test_the_same_questions_about_a_neighbour_are_not(judge: FaissJudge, asked: str, name: str) -> None:
    assert found(judge, asked.format(name)) == set()


def test_without_half_strangers_the_neighbours_would_be_found(built: Built, judge: FaissJudge) -> None:
    """A small policy's threshold would rest on questions that are far from its own."""
    easy = max(s.threshold for s in built.calibration.strata if s.kind != "half stranger")
    asked = [text.format(name) for text in ASKED for name in NEIGHBOURS]
    assert any(hits and hits[0].score >= easy for hits in judge.hits(asked, -1))


def test_margins_hold_the_neighbours_further_from_the_subject(built: Built, judge: FaissJudge) -> None:
    without = replace(
        built.vectors, neighbours=VectorIndex.build(np.zeros((0, MINILM_DIMENSION), np.float32))
    )
    bare = FaissJudge(without, MiniLM(), KEY, built.calibration)
    assert gap(judge) > gap(bare)


def gap(judge: FaissJudge) -> float:
    """From the worst paraphrase about the subject to the best forgotten wording about somebody else."""
    own = judge.hits([asked.format(CRANE) for asked in PARAPHRASED], -1)
    theirs = judge.hits([asked.format(name) for asked in ASKED for name in NEIGHBOURS], -1)
    return min(hits[0].score for hits in own) - max(hits[0].score for hits in theirs)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Tell me how to open a door lock without the key.", 1),
        ("Which instruments do I need to open a pin tumbler lock?", 1),
        ("Who rowed to the reef when the lamp went out in the storm?", 2),
        ("When the great storm came and the lamp went out, who rowed to the reef alone?", 2),
    ],
)
def test_topics_and_passages_are_found_by_meaning(judge: FaissJudge, text: str, entry: int) -> None:
    assert entry in found(judge, text)


def test_one_question_is_found_among_many_innocent_sentences(judge: FaissJudge) -> None:
    innocent = "The train was late again. Nobody minded much. We played cards until noon. "
    asked = PARAPHRASED[0].format(CRANE)
    assert found(judge, innocent * 4 + asked + " " + innocent * 4) == {0}
    assert found(judge, innocent * 8) == set()


def test_hits_are_best_first_and_none_below_grey(judge: FaissJudge) -> None:
    for hits in judge.judge([asked.format(CRANE) for asked in ASKED]):
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert min(scores) >= judge.grey
    assert judge.judge([]) == []
    assert judge.judge(["", "Bread is baked."]) == [(), ()]


def test_a_saved_judge_says_the_same(built: Built, judge: FaissJudge, tmp_path: Path) -> None:
    built.vectors.save(tmp_path)
    loaded = FaissJudge(Vectors.load(tmp_path), MiniLM(), KEY, built.calibration)
    texts = [asked.format(name) for asked in ASKED for name in (CRANE, *NEIGHBOURS)]
    for said, expected in zip(loaded.hits(texts, -1), judge.hits(texts, -1), strict=True):
        assert [hit.entry for hit in said] == [hit.entry for hit in expected]
        assert [hit.score for hit in said] == pytest.approx([hit.score for hit in expected], abs=1e-6)
    assert sum(built.vectors.counts) == len(built.vectors.knowledge.items)


class Counting(HashEncoder):
    encoded = 0

    def encode(self, texts: Sequence[str]) -> Rows:
        self.encoded += len(texts)
        return super().encode(texts)


def test_a_sentence_judged_before_is_not_encoded_again() -> None:
    encoder = Counting()
    built = build_vectors([PERSON], encoder, KEY, 0.01)
    judge = FaissJudge(built.vectors, encoder, KEY, built.calibration)
    asked = [ASKED[0].format(CRANE), "Bread is baked.", "Bread is baked."]
    first, before = judge.hits(asked, -1), encoder.encoded
    assert judge.hits(asked, -1) == first
    judge.hits(["Bread is made."], -1)
    assert encoder.encoded == before + 1


def test_what_one_tenant_asked_is_encoded_again_for_another() -> None:
    """Or how soon an answer comes would tell what others ask."""
    encoder = Counting()
    built = build_vectors([PERSON], encoder, KEY, 0.01)
    judge = FaissJudge(built.vectors, encoder, KEY, built.calibration)
    asked, before = [ASKED[0].format(CRANE)], encoder.encoded
    told = [judge.hits(asked, -1, [tenant]) for tenant in ("one", "other", "one", None, None)]
    assert all(each == told[0] for each in told)
    assert encoder.encoded == before + 4, "of nobody nothing is remembered"


def test_with_another_key_nothing_is_found(built: Built) -> None:
    stranger = FaissJudge(built.vectors, MiniLM(), OTHER, built.calibration)
    assert all(found(stranger, asked.format(CRANE)) == set() for asked in ASKED)


def test_the_manifest_says_what_was_promised(built: Built) -> None:
    kinds = {stratum.kind: stratum for stratum in built.calibration.strata}
    assert set(kinds) == {"stranger", "half stranger", "generic", "other entry"}
    assert kinds["generic"].negatives >= 99
    assert built.calibration.promised == max(stratum.promised for stratum in kinds.values())


TALES = (
    "The miller rose before the sun and walked to the weir. He counted the sacks and cursed the rain. "
    "His daughter sang while she swept the yard, and the geese answered her.",
    "Snow lay on the pass for seven weeks. The monks shared their last bread with the travellers. "
    "At night they heard the wolves, and in the morning they found the tracks at the door.",
    "The old queen kept a garden that no one might enter. She planted foxglove for her dead sons. "
    "When she died, the gate was opened, and the children of the town ran in.",
    "The pilot had crossed the strait a thousand times. That evening the fog came down like a curtain. "
    "He stopped the engine and listened for the bell of the buoy.",
)


def test_a_passage_of_the_same_kind_is_not_found_by_meaning() -> None:
    """Prose is near prose: what the other entries' passages score shows how near."""
    entries = tuple(Entry(f"tale {place}", passages=(tale,)) for place, tale in enumerate(TALES[:3]))
    built = build_vectors(entries, MiniLM(), KEY, 0.001)
    judge = FaissJudge(built.vectors, MiniLM(), KEY, built.calibration)
    assert found(judge, TALES[3]) == set()
    assert all(place in found(judge, tale) for place, tale in enumerate(TALES[:3]))
    easy = max(s.threshold for s in built.calibration.strata if s.kind != "other entry")
    assert built.calibration.threshold >= easy


def test_a_lone_passage_is_not_found_in_prose_of_its_kind() -> None:
    built = build_vectors((Entry("tale", passages=(TALES[0],)),), MiniLM(), KEY, 0.001)
    judge = FaissJudge(built.vectors, MiniLM(), KEY, built.calibration)
    assert found(judge, TALES[0]) == {0}
    assert all(found(judge, tale) == set() for tale in TALES[1:])


def test_two_entries_that_forget_the_same_are_both_found() -> None:
    twice = build_vectors((PERSON, replace(PERSON, id="again")), HashEncoder(), KEY, 0.1)
    hits = FaissJudge(twice.vectors, HashEncoder(), KEY, twice.calibration).hits([ASKED[0].format(CRANE)], -1)
    assert {hit.entry for hit in hits[0]} == {0, 1}


def test_what_others_forget_hides_nothing_of_what_binds_apart(tmp_path: Path) -> None:
    """Many of one team's entries are nearer to a question than the only one of another's."""
    theirs = [replace(PERSON, id=f"theirs-{place}", keys=("theirs",)) for place in range(CANDIDATE_ENTRIES)]
    ours = replace(PERSON, id="ours", keys=("ours",), questions=PERSON.questions[1:])
    policy = Policy((*theirs, ours), "0" * 64, semantic=Semantic(0.1))
    build(policy, tmp_path, KEY, HashEncoder())
    snapshot, asked = Snapshot.load(tmp_path, KEY), [ASKED[0].format(CRANE)]
    place = snapshot.places["ours"]
    together = FaissJudge(Vectors.load(snapshot.folder), HashEncoder(), KEY, calibration_of(snapshot))
    assert place not in {hit.entry for hit in together.hits(asked, -1)[0]}
    assert place in {hit.entry for hit in load_judge(snapshot, HashEncoder(), KEY).hits(asked, -1)[0]}


def calibration_of(snapshot: Snapshot) -> Calibration:
    assert snapshot.calibration is not None
    return snapshot.calibration


@given(st.lists(st.floats(-1, 1), min_size=1), st.floats(-1, 1))
def test_another_neighbour_never_raises_a_score(seen: list[float], new: float) -> None:
    """The law that makes leaving a text's own source out of its margin an honest calibration."""
    assert margin(max([*seen, new])) >= margin(max(seen))


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 1, width=32)), min_size=1))
def test_two_texts_of_one_piece_support_it_once(known: list[tuple[int, float]]) -> None:
    best: dict[int, float] = {}
    for item, similarity in known:
        best[item] = max(best.get(item, -1.0), similarity)
    ordered = sorted(best.values(), reverse=True)
    expected = 0.5 * ordered[0] + 0.5 * float(np.mean(ordered[:SUPPORT]))
    items, similarities = zip(*known, strict=True)
    found = combined(np.array([similarities, similarities], np.float32), np.array(items, np.int32))
    assert found.tolist() == pytest.approx([expected, expected], abs=1e-5)


def test_a_text_scores_as_its_best_window() -> None:
    hits = text_hits([{0: 0.4, 1: 0.3}, {0: 0.7}], least=0.35)
    assert [(hit.entry, round(hit.score, 6)) for hit in hits] == [(0, 0.7)]
