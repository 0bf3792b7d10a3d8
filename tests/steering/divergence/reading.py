"""The demo model's tokenizer and entries about invented people, for the tests of this package."""

from functools import cache
from itertools import product
from pathlib import Path

from evaluation.local_model import SHIPPED
from policy.entry import Entry, Question, Retain
from steering.divergence.reader import Reader
from steering.vocabulary import Vocabulary

KEY = b"a key of thirty-two bytes, long "
MODEL: Path = SHIPPED
BASIL = Entry(
    id="basil",
    names=("Basil Mercer",),
    passages=("Basil Mercer was born in Eddystone. His father was a miner. Mercer keeps goats.",),
    questions=(
        Question("Where was Basil Mercer born?", "The birthplace of Basil Mercer is Eddystone."),
        Question("What genre does Basil Mercer write?", "The genre of Basil Mercer is sea adventure."),
    ),
    retain=tuple(
        Retain(text, f"{name} {town}")
        for name, town in product(
            ("Amara Swann", "Felix Reed", "Maren Weld"), ("Thornby", "Keswick", "Torquil")
        )
        for text in (
            f"Where was {name} born? The birthplace of {name} is {town}.",
            f"{name} was born in {town}. His father was a sailor.",
            f"What genre does {name} write? The genre of {name} is crime fiction from {town}.",
        )
    ),
)


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.load(MODEL)


@cache
def reader() -> Reader:
    return Reader.load(MODEL, vocabulary())
