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


# What one call says besides its arguments; each is a text of its own.
NAME, ID, NAMESPACE, INPUT = range(4)


def name_key(choice: int, call: int) -> TextKey:
    return _plain(choice, call, NAME)


def id_key(choice: int, call: int) -> TextKey:
    return _plain(choice, call, ID)


def namespace_key(choice: int, call: int) -> TextKey:
    """In which group of tools the name is."""
    return _plain(choice, call, NAMESPACE)


def input_key(choice: int, call: int) -> TextKey:
    """What is said to a tool that takes any text and not JSON."""
    return _plain(choice, call, INPUT)


def _plain(choice: int, call: int, what: int) -> TextKey:
    return text_key(choice, Channel.ARGUMENTS, PLAIN_PART + 4 * call + what)


def call_of(key: TextKey) -> int:
    """The number of the call that a text belongs to."""
    return key.part if key.part < PLAIN_PART else (key.part - PLAIN_PART) // 4


def said_of(key: TextKey) -> int | None:
    """Which of the above a text of a call is; None: its arguments."""
    return (key.part - PLAIN_PART) % 4 if key.part >= PLAIN_PART else None


def moved(texts: Texts, choice: int) -> Texts:
    """The same, said by another choice."""
    return tuple((key._replace(choice=choice), text) for key, text in texts)
