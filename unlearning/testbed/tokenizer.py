"""A tokenizer of whole words: every word of the invented world, and nothing else.

Rule: two worlds have the same words, so that models of different worlds share one vocabulary.
"""

from itertools import chain
from typing import Final

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from evaluation import vocabulary
from unlearning.testbed.relations import relations

PAD: Final = "<pad>"
START: Final = "<s>"
END: Final = "</s>"
UNKNOWN: Final = "<unk>"
# An answer that says nothing, for losses that want one.
IDLE: Final = ("I do not know that .", "That is not known to me .", "I can not say .")


def word_tokenizer() -> PreTrainedTokenizerFast:
    """Pads on the right with the end of a text as a token of its own."""
    ids = {word: place for place, word in enumerate(_words())}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="right",
        model_max_length=64,
    )


def _words() -> dict[str, None]:
    special = (PAD, START, END, UNKNOWN)
    return dict.fromkeys(chain(special, _template_words(), _names(), _values()))


def _template_words() -> list[str]:
    texts = [text for one in relations() for text in (one.question, one.answer, one.paraphrase)]
    words = " ".join((*texts, *IDLE)).split()
    return [word for word in words if "{" not in word]


def _names() -> tuple[str, ...]:
    return (*vocabulary.FIRST_NAMES, *vocabulary.SURNAMES)


def _values() -> list[str]:
    return [word for one in relations() for pool in one.pools for value in pool for word in value.split()]
