"""Which text of an answer is which, for all APIs alike.

Rule: a key tells all that a writer must know of a text besides its words. The calls of tools are numbered;
what one says stands under its number, its name and its id each under a number of its own.
"""

from functools import lru_cache

from filters.answer_guard import PLAIN_PART, TextKey
from gateway.wire.answer import Texts
from policy.surface import Channel

# So many calls one answer may hold.
CALLS = 128
# The one call of the older form.
LEGACY_CALL = PLAIN_PART - 1

# The same few keys come with every event.
text_key = lru_cache(maxsize=1024)(TextKey)


def name_key(choice: int, call: int) -> TextKey:
    return TextKey(choice, Channel.ARGUMENTS, PLAIN_PART + 2 * call)


def id_key(choice: int, call: int) -> TextKey:
    return TextKey(choice, Channel.ARGUMENTS, PLAIN_PART + 2 * call + 1)


def call_of(key: TextKey) -> int:
    """The number of the call that a text belongs to."""
    return key.part if key.part < PLAIN_PART else (key.part - PLAIN_PART) // 2


def is_name(key: TextKey) -> bool:
    return key.part >= PLAIN_PART and (key.part - PLAIN_PART) % 2 == 0


def is_id(key: TextKey) -> bool:
    return key.part >= PLAIN_PART and (key.part - PLAIN_PART) % 2 == 1


def moved(texts: Texts, choice: int) -> Texts:
    """The same, said by another choice."""
    return tuple((key._replace(choice=choice), text) for key, text in texts)
