"""A vocabulary says of every token what the tokenizer's own decoder would make of it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from steering.vocabulary import Vocabulary, VocabularyError, of_tokenizer

DEMO = Path("evaluation/demo_model")
CORPUS = [
    "Alden Crane kept the lighthouse of Ystad.",
    "naïve café 中国 isn't 12 o'clock",
    "the the the crane cranes",
]
END, UNKNOWN = "</s>", "<unk>"


def byte_level() -> Tokenizer:
    found = Tokenizer(models.BPE())
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=[END], initial_alphabet=alphabet)
    found.train_from_iterator(CORPUS, trainer)
    found.add_tokens([AddedToken(" added token "), AddedToken("Ġodd")])
    return found


def sentence_piece() -> Tokenizer:
    """Pieces with a sign for the space, and a token for every byte that no piece says."""
    found = Tokenizer(models.BPE(byte_fallback=True, unk_token=UNKNOWN))
    found.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    found.decoder = decoders.Sequence(steps)
    special = [UNKNOWN, END, *(f"<0x{byte:02X}>" for byte in range(256))]
    found.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=400, special_tokens=special))
    # Trained as special so that nothing is merged with them; in a model's file they are none.
    plain = json.loads(found.to_str())
    plain["added_tokens"] = [each for each in plain["added_tokens"] if not each["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(plain))


def unigram() -> Tokenizer:
    found = Tokenizer(models.Unigram())
    found.pre_tokenizer, found.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    found.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=200, special_tokens=[END, UNKNOWN], unk_token=UNKNOWN)
    )
    return found


def word_piece() -> Tokenizer:
    found = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    found.pre_tokenizer, found.decoder = pre_tokenizers.Whitespace(), decoders.WordPiece(cleanup=False)
    found.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=[END, UNKNOWN])
    )
    return found


KINDS = {kind.__name__: kind() for kind in (byte_level, sentence_piece, unigram, word_piece)}


def vocabulary_of(tokenizer: Tokenizer) -> Vocabulary:
    special = frozenset(
        number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special
    )
    return of_tokenizer(tokenizer, special, frozenset({tokenizer.token_to_id(END)}))


def said(vocabulary: Vocabulary, tokens: list[int]) -> str:
    return b"".join(vocabulary.pieces[number] for number in tokens).decode("utf-8", "replace")


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(st.sampled_from([*CORPUS, " ", "Crane", "'s", "12", "café", "中"]), max_size=4).map("".join))
@settings(max_examples=50)
def test_the_pieces_of_a_text_are_what_the_decoder_makes_of_it(kind: str, text: str) -> None:
    tokenizer = KINDS[kind]
    tokens = tokenizer.encode(text, add_special_tokens=False).ids
    assert said(vocabulary_of(tokenizer), tokens).strip(" ") == tokenizer.decode(tokens).strip(" ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_single_token_is_said_as_the_decoder_says_it(kind: str) -> None:
    tokenizer = KINDS[kind]
    vocabulary = vocabulary_of(tokenizer)
    assert vocabulary.size == tokenizer.get_vocab_size()
    for number in set(range(vocabulary.size)) - vocabulary.special:
        # A piece that goes on with a word is shown with its sign where there is none.
        decoded = tokenizer.decode([number]).removeprefix("##")
        assert said(vocabulary, [number]).strip(" ") == decoded.strip(" "), number


def test_the_demo_model_is_read_from_its_folder() -> None:
    vocabulary = Vocabulary.load(DEMO)
    tokenizer = Tokenizer.from_file(str(DEMO / "tokenizer.json"))
    assert vocabulary.ends == {tokenizer.token_to_id("<|end|>")}
    assert {tokenizer.token_to_id("<|user|>"), *vocabulary.ends} < vocabulary.special
    assert all(vocabulary.pieces[number] == b"" for number in vocabulary.special)
    assert Vocabulary.load(DEMO).fingerprint == vocabulary.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        lambda pieces, special, ends: Vocabulary((*pieces[:-1], b"other"), special, ends),
        lambda pieces, special, ends: Vocabulary(pieces[::-1], special, ends),
        lambda pieces, special, ends: Vocabulary(pieces, special | {2}, ends),
        lambda pieces, special, ends: Vocabulary(pieces, special, ends | {1}),
        lambda pieces, special, ends: Vocabulary((*pieces, b""), special, ends),
    ],
)
def test_whatever_differs_has_another_fingerprint(change: Callable[..., Vocabulary]) -> None:
    parts = (b"", b"", b"a", b"b"), frozenset({0, 1}), frozenset({0})
    assert change(*parts).fingerprint != Vocabulary(*parts).fingerprint


def test_a_decoder_that_is_not_known_is_refused() -> None:
    tokenizer = byte_level()
    tokenizer.decoder = decoders.CTC()
    with pytest.raises(VocabularyError, match="decoder CTC is not known"):
        vocabulary_of(tokenizer)


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"tokenizer.json": "no JSON"}, "cannot be read"),
        ({}, "expected a tokenizer.json there, found none"),
        ({"tokenizer.json": byte_level().to_str()}, "set eos_token_id in generation_config.json"),
        ({"tokenizer.json": byte_level().to_str(), "config.json": "{"}, "expected JSON"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(VocabularyError, match=fault):
        Vocabulary.load(tmp_path)


def test_without_the_library_it_is_told_how_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    byte_level().save(str(tmp_path / "tokenizer.json"))
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(VocabularyError, match=r"pip install 'unsay\[steering\]'"):
        Vocabulary.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("generation_config.json", '{"eos_token_id": [0, 5]}'),
        ("config.json", '{"eos_token_id": 0}'),
        ("tokenizer_config.json", '{"eos_token": {"content": "</s>"}}'),
        ("tokenizer_config.json", '{"eos_token": "</s>"}'),
    ],
)
def test_the_end_is_found_where_models_name_it(tmp_path: Path, name: str, text: str) -> None:
    byte_level().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / name).write_text(text)
    assert 0 in Vocabulary.load(tmp_path).ends
