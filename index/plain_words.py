"""Words as they compare when phrases are derived: no case, no accents, no apostrophes."""

import re
import unicodedata

Words = tuple[str, ...]
_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")


def plain_words(text: str) -> Words:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(re.sub("['’ʼ]", "", word) for word in _WORD.findall(plain))


def contains(words: Words, part: Words) -> bool:
    """Whether `part` stands in `words` in one piece."""
    return any(words[first : first + len(part)] == part for first in range(len(words) - len(part) + 1))
