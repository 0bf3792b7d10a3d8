"""What is asked to be left out gives a secret away, and ordinary words do without it."""

from typing import Any

import pytest

from index.key import entry_number
from policy.entry import Entry, Retain
from policy.policy import Policy
from steering import biases
from steering.biases import MOST_TOKENS, MOST_WORDS, common_tokens, compile_biases

KEY = bytes(range(32))
SECRETS = ("Zorblax Quimfrondle", "555-201-3391", "Port Vellum")
TEXT = [
    "Zorblax Quimfrondle lived in Port Vellum. " * 50,
    "The harbour is a port where ships lie at night. " * 50,
]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Bytes, and the words of a few sentences."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet))
    return made


def compiled(tokenizer: Any, *entries: Entry) -> Any:
    return compile_biases(Policy(entries, "0" * 64), tokenizer, KEY)


def said(tokenizer: Any, bias: Any) -> set[str]:
    return {tokenizer.decode([token]).strip() for token in bias.tokens}


def test_tokens_that_only_a_secret_is_written_with_are_left_out(tokenizer: Any) -> None:
    bias = compiled(tokenizer, Entry("zorblax", secrets=SECRETS))[entry_number(KEY, "zorblax")]
    assert {"Zorblax", "Quimfrondle"} <= said(tokenizer, bias)
    assert bias.words == SECRETS


def test_no_ordinary_word_and_no_retained_one_needs_them(tokenizer: Any) -> None:
    retained = Entry(
        "zorblax", secrets=SECRETS, retain=(Retain("Zorblax is a machine. A Zorblax hums.", "one"),)
    )
    bias = compiled(tokenizer, retained)[entry_number(KEY, "zorblax")]
    assert "Zorblax" not in said(tokenizer, bias)
    assert not {"Port", "port", ""} & said(tokenizer, bias)
    ordinary = tokenizer.encode("The ship lay in the port, and nobody knew its name.").ids
    assert not set(ordinary) & set(bias.tokens)
    assert not common_tokens(tokenizer, ()) & set(bias.tokens)


def test_names_may_be_said(tokenizer: Any) -> None:
    named = Entry("zorblax", names=("Zorblax Quimfrondle",))
    assert compiled(tokenizer, named) == {}


def test_what_one_entry_asks_for_is_bounded(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(biases, "common_tokens", lambda *_: frozenset[int]())
    monkeypatch.setattr(biases, "FEWEST_LETTERS", 0)
    many = Entry("many", secrets=tuple(f"{word}{place}" for place in range(90) for word in ("abc", "ships")))
    bias = compiled(tokenizer, many)[entry_number(KEY, "many")]
    assert len(bias.tokens) <= MOST_TOKENS
    assert len(bias.words) == MOST_WORDS
