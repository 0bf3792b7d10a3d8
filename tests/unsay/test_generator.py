"""A generator's questions come into the index; it is asked once for a passage, and never half."""

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.vectors_build import build_vectors
from policy.entry import Entry, Question, Reason
from tests.index.hash_encoder import HashEncoder
from unsay.generator import MOST_QUESTIONS, PIECE, Generator, GeneratorError, find_generator, questions_in

KEY = b"k" * 32
ANSWER = "1. Where was Mira Vosskamp born?\n- What did her father do?\nSure, here they are.\nWho?\n"
ASKED = ["Where was Mira Vosskamp born?", "What did her father do?"]


class Model:
    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, text: str) -> str:
        self.read.append(text)
        return ANSWER


def test_only_lines_that_are_questions_count_and_they_are_bounded() -> None:
    assert questions_in(ANSWER) == ASKED
    assert len(questions_in("\n".join(f"Who is number {place}?" for place in range(99)))) == MOST_QUESTIONS


def test_a_long_passage_is_asked_about_in_pieces_and_each_piece_once() -> None:
    model = Model()
    generator = Generator(model, "m")
    text = "".join(chr(ord("a") + place % 26) for place in range(PIECE)) + "end"
    assert generator(text) == generator(text) == ASKED
    assert model.read == [text[:PIECE], "end"]


def test_what_is_kept_is_not_asked_again_and_private(tmp_path: Path) -> None:
    kept, model = tmp_path / "generated.jsonl", Model()
    Generator(model, "m", kept)("passage")
    assert Generator(model, "m", kept)("passage") == ASKED
    assert len(model.read) == 1
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    Generator(model, "another", kept)("passage")
    assert len(model.read) == 2


def test_generated_questions_are_in_the_index_of_an_entry_without_questions() -> None:
    passage = "Mira Vosskamp was born in Port Avelin in 1961, where her father was a cobbler."
    bare = Entry("e", Reason.PRIVACY, passages=(passage,))
    given = Entry("e", Reason.PRIVACY, passages=(passage,), questions=(Question("Who keeps bees?", "Mira."),))

    def asker(_passage: str) -> Sequence[str]:
        return ASKED

    def vectors(entry: Entry, asked: bool) -> int:
        built = build_vectors([entry], HashEncoder(), KEY, 0.1, asker=asker if asked else None)
        return built.vectors.counts[0]

    assert vectors(bare, True) == vectors(bare, False) + len(ASKED)
    assert vectors(given, True) == vectors(given, False)


def test_url_and_model_belong_together() -> None:
    assert find_generator(None, None, None) is None
    with pytest.raises(GeneratorError, match="give both"):
        find_generator("http://127.0.0.1:1/v1", None, None)


def test_a_generator_that_does_not_answer_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unsay.generator.RETRIES", 0)
    generator = find_generator("http://127.0.0.1:9/v1", "m", None)
    assert generator is not None
    with pytest.raises(GeneratorError, match="did not answer") as raised:
        generator("The passage.")
    assert "passage." not in str(raised.value)
