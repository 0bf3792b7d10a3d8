"""Names are read and not learnt; sentences are read as beginnings too."""

from pathlib import Path

import pytest

from steering.divergence.reader import Names, Reader
from steering.vocabulary import VocabularyError
from tests.steering.divergence.reading import MODEL, reader, vocabulary

TEXT = "Basil Mercer's home is Eddystone. MERCER keeps goats."


def test_the_words_of_a_name_are_no_targets_however_they_are_written() -> None:
    whole = next(reader().read(TEXT, Names(["Mercer, Basil"])))
    said = [
        vocabulary().pieces[token].decode()
        for token, target in zip(whole.tokens, whole.targets, strict=True)
        if target
    ]

    assert "".join(said) == " home is Eddystone. keeps goats."


def test_each_sentence_is_read_as_if_an_answer_began_there() -> None:
    read = [each.tokens for each in reader().read("It is far. The end.", Names(()))]

    assert read == [reader().tokens(text) for text in ("It is far. The end.", "It is far.", "The end.")]


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="found none; name the folder"):
        Reader.load(tmp_path, vocabulary())
    assert Reader.load(MODEL, vocabulary()).size == vocabulary().size
