"""Compiles from a policy what a model server without our plug-in can be asked to leave out.

Rules: of an entry's secrets, its own and those that its questions give away; never of its names, which people
may say. A token stands for a secret only where ordinary words can be written without it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from wordfreq import top_n_list

from index.biases import Bias
from index.derive import derive_phrases
from index.generic import generic_texts
from index.key import entry_number
from policy.entry import Entry
from policy.policy import Policy

COMMON_WORDS = 20_000
FEWEST_LETTERS = 4
# Of one entry: a request has room for a few entries.
MOST_TOKENS, MOST_WORDS = 64, 16
LONGEST_WORDS = 8


def compile_biases(policy: Policy, tokenizer: Any, key: bytes) -> dict[int, Bias]:
    """`tokenizer` is a `tokenizers.Tokenizer`, the model's. By the entries' numbers."""
    retained = (retain.text for entry in policy.entries for retain in entry.retain)
    common = common_tokens(tokenizer, (*generic_texts(), *retained))
    found = ((entry, _bias(entry, tokenizer, common)) for entry in policy.entries)
    return {entry_number(key, entry.id): bias for entry, bias in found if bias.tokens or bias.words}


def common_tokens(tokenizer: Any, texts: Iterable[str]) -> frozenset[int]:
    """The tokens that ordinary words, and these texts, are written with."""
    words = top_n_list("en", COMMON_WORDS)
    forms = [form for word in words for form in (word, f" {word}", word.title(), f" {word.title()}")]
    return frozenset(number for text in (*forms, *texts) for number in _tokens(tokenizer, text))


def _bias(entry: Entry, tokenizer: Any, common: frozenset[int]) -> Bias:
    strings = list(dict.fromkeys((*entry.secrets, *derive_phrases(entry).secrets)))
    tokens = dict.fromkeys(
        number
        for string in strings
        for form in (string, f" {string}")
        for number in _tokens(tokenizer, form)
        if number not in common and _letters(tokenizer.decode([number])) >= FEWEST_LETTERS
    )
    words = [string for string in strings if len(string.split()) <= LONGEST_WORDS]
    return Bias(tuple(tokens)[:MOST_TOKENS], tuple(words[:MOST_WORDS]))


def _tokens(tokenizer: Any, text: str) -> Iterator[int]:
    yield from tokenizer.encode(text, add_special_tokens=False).ids


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
