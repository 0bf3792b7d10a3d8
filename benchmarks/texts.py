"""What is said in a measurement, the same in every run. Prompts are English, the documentation of Python;
answers and what is forgotten are English words as often as in English.

Rule: prompts and answers share their words with what is forgotten, and no run of eight; so the detectors have
to look closely, and find nothing. The encoder finds any two texts of random words alike: prompts make sense.
"""

import random
from functools import cache

from wordfreq import top_n_list, word_frequency

from tests.filters.english import standard_library as documented

FIRST = "Tonight"
WORDS = 5_000
PROMPTS = 16


@cache
def standard_library() -> list[str]:
    return documented()


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    words = [word for word in top_n_list("en", WORDS) if word.isascii() and word.isalpha()]
    return words, [word_frequency(word, "en") for word in words]


def prose(words: int, seed: int) -> str:
    """Sentences of five to twenty words."""
    chance = random.Random(seed)
    chosen, sentences = chance.choices(*_vocabulary(), k=words), []
    while chosen:
        length = chance.randint(5, 20)
        sentence, chosen = chosen[:length], chosen[length:]
        sentences.append(" ".join(sentence).capitalize() + ".")
    return " ".join(sentences)


def answer(words: int) -> list[str]:
    """Tokens as a model makes them: a word with the space before it. The first stands nowhere else."""
    said = prose(words - 1, seed=1).split()
    return [FIRST, *(f" {word}" for word in said)]


def prompts(words: int) -> list[str]:
    """Different ones, so that nothing is faster for having been asked before."""
    paragraphs, asked = standard_library(), []
    for number in range(PROMPTS):
        chosen = " ".join(random.Random(number).sample(paragraphs, words // 8)).split()
        asked.append(f"{' '.join(chosen[:words])} What comes next?")
    return asked


def name(number: int) -> str:
    """A person that no text mentions."""
    chance = random.Random(number + 7_000_000)
    return " ".join(
        "".join(chance.choice(letters) for letters in ("BDFKLMNRT", "aeiou", "bdklmnrst", "aeiou", "knrsx"))
        for _ in range(2)
    )
