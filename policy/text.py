"""How many words a text has, as the index will count them.

An early check with a good message: the index build counts exactly (index/units.py) and has the last word.
"""

import re

_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces count by the character: Thai to Myanmar, Khmer, kana, Han.
_BY_CHARACTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def word_count(text: str) -> int:
    spaced = _BY_CHARACTER.sub(lambda found: f" {found[0]} ", _APOSTROPHE.sub("", text))
    return sum(1 for _ in _WORD.finditer(spaced))


def has_word(text: str) -> bool:
    return _WORD.search(text) is not None


def is_unicode(text: str) -> bool:
    """False for lone surrogates, which no UTF-8 text can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
