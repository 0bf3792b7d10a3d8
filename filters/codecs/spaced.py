"""Single signs with one separator between them: letters, and the symbols of any code.

Rule: the separator is the one that most signs stand between, and several of them; anything else parts words.
"""

import re
from collections import Counter
from collections.abc import Iterator

from filters.codecs.decoded import Decoded

_RUN = re.compile(r"\S([^\w\s]{1,3}|\s{1,2})(?:\S\1)+\S(?!\w)")
# Fewer signs are a formula, a list of versions, an ellipsis; and so are fewer than one in so many.
_LEAST, _AMONG = 6, 64
# Signs that nothing is odd about may stand before the odd ones, and behind them.
_MORE = 4


def read(text: str, start: int, end: int) -> Iterator[Decoded]:
    separator = _separator(text, start, end)
    if separator is None:
        return
    between = re.escape(separator)
    # Words stand with blanks between too: only what stands alone is a sign.
    alone = r"(?<!\S)\S" if separator.isspace() else r"\S"
    ends = r"\S(?!\S)" if separator.isspace() else r"\S"
    for run in re.compile(f"{alone}(?:{between}{ends})+").finditer(text, max(0, start - _MORE), end + _MORE):
        places = list(range(run.start(), run.end(), 1 + len(separator)))
        yield Decoded.of(
            "".join(text[place] for place in places), places, [place + 1 for place in places], "spaced"
        )


def _separator(text: str, start: int, end: int) -> str | None:
    signs: Counter[str] = Counter()
    for run in _RUN.finditer(text, start, end):
        signs[run[1]] += len(run[0]) // (1 + len(run[1]))
    separator, count = signs.most_common(1)[0] if signs else ("", 0)
    return separator if count >= max(_LEAST, (end - start) // _AMONG) else None
