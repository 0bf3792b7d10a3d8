"""Questions made of a passage ask for what it says, and make it easier to find."""

from index.encoder import MiniLM
from index.knowledge import known_texts
from index.probes import MOST_A_SENTENCE, MOST_SENTENCES, probes
from index.vectors_build import build_vectors
from policy.entry import Entry, Question, Reason

KEY = b"k" * 32
PASSAGE = (
    "Mira Vosskamp was born in Port Avelin in 1961. Her father was a cobbler from Tolvik. "
    "He kept nine hives behind the old customs house."
)


def test_what_a_sentence_says_is_taken_out_and_asked_for() -> None:
    first, second, third = probes(PASSAGE, ["Mira Vosskamp"])
    assert "When was Mira Vosskamp born in Port Avelin?" in first
    assert "Where was Mira Vosskamp born in 1961?" in first
    assert "What was Mira Vosskamp's father?" in second
    assert any(question.startswith("How many") for question in third)


def test_a_question_and_a_short_sentence_make_none() -> None:
    assert probes("Where was Mira Vosskamp born in 1961? In Rome.", ["Mira Vosskamp"]) == []


def test_probes_are_bounded() -> None:
    long = (
        "In 1961 Ann Lee, Bob Ray, Cy Dow, Di Fox, Ed Gow and Flo Hay met in Rome, in Oslo and in Bonn. "
        * 500
    )
    made = probes(long, [])
    assert len(made) == MOST_SENTENCES
    assert max(map(len, made)) <= MOST_A_SENTENCE


def test_an_entry_with_questions_of_its_own_is_not_probed() -> None:
    questions = (Question("Who keeps bees?", "Mira Vosskamp."),)
    entry = Entry("e", Reason.PRIVACY, passages=(PASSAGE,), questions=questions)
    bare = Entry("e", Reason.PRIVACY, passages=(PASSAGE,))
    encoder = MiniLM()
    with_questions, probed = (build_vectors([one], encoder, KEY, 0.01) for one in (entry, bare))
    assert with_questions.vectors.counts == (len(known_texts(entry)),)
    assert probed.vectors.counts[0] > len(known_texts(bare))


def test_with_probes_a_question_scores_higher_than_without() -> None:
    encoder, asked = MiniLM(), "In which year did Mira Vosskamp come into the world?"
    entry = Entry("e", Reason.PRIVACY, passages=(PASSAGE,))
    scores = {}
    for kind, texts in (
        ("with", known_texts(entry, probes(PASSAGE, ["Mira Vosskamp"]))),
        ("without", known_texts(entry)),
    ):
        rows = encoder.encode([known.text for known in texts])
        scores[kind] = float((rows @ encoder.encode([asked])[0]).max())
    assert scores["with"] > scores["without"] + 0.05
