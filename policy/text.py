"""How many words a text has, as the index will count them.

An early check with a good message: the index build counts exactly (index/units.py) and has the last word.
"""

import re

_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces count by the character, as in index/units.py.
_BY_CHARACTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua980-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U00016fe0-\U00018d8f\U0001aff0-\U0001b2ff\U00020000-\U0003ffff]"
)


def word_count(text: str) -> int:
    joined = _APOSTROPHE.sub("", text)
    spaced = joined if joined.isascii() else _BY_CHARACTER.sub(lambda found: f" {found[0]} ", joined)
    return len(_WORD.findall(spaced))


def fewer_words(text: str, than: int) -> bool:
    """Whether the text has fewer words; of a long text the beginning mostly tells, and has never more."""
    return word_count(text[: 32 * than]) < than and word_count(text) < than


def has_word(text: str) -> bool:
    return _WORD.search(text) is not None


def is_unicode(text: str) -> bool:
    """False for lone surrogates, which no UTF-8 text can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
