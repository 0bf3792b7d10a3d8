"""Capitalised runs and quoted titles: how written English marks a proper name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.bits import word_bits

# Words that stand in lower case inside a name. "of" is not one: it joins institutions, not people.
PARTICLES = frozenset(
    {
        "abu",
        "al",
        "ben",
        "bin",
        "bint",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
    }
    | {"e", "el", "i", "ibn", "la", "las", "le", "les", "los", "ter", "ten", "van", "von", "y", "zu"}
)
# After these a capitalised run is usually a place.
PLACE_BEFORE = frozenset(("in", "from", "at", "near", "to", "within", "across", "outside"))
# The capital of a sentence's first word says nothing; a word this common is not taken for a name there.
COMMON_WORD_BITS = 16.0
LONGEST_RUN = 6

_TOKEN = re.compile(r"[^\W_]+(?:[-‐‑'’ʼ][^\W_]+)*|[^\w\s]|_")
_QUOTED = re.compile(
    r"[\"“”„«]([^\"“”„«»]{2,120})[\"”“»]"
    r"|(?<![\w])['‘]((?:[^'‘’]|(?<=\w)['’](?=\w)|(?<=s)['’](?=\s+\w)){2,120})['’](?!\w)"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalised words in a row. `opens`: it begins a sentence; `placed`: a place preposition precedes."""

    words: tuple[str, ...]
    opens: bool = False
    placed: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def capitals(self) -> int:
        return sum(word[0].isupper() for word in self.words)

    def unopened(self) -> "Run":
        """Without a first word that only the sentence's start may have capitalised."""
        if self.opens and self.words and word_bits(self.words[0].casefold()) < COMMON_WORD_BITS:
            return Run(_untailed(self.words[1:]), False, self.placed)
        return self


def quoted_titles(text: str) -> list[str]:
    """What stands in quotes and is written as a title, without its last comma or stop."""
    found = [(match.group(1) or match.group(2)).strip(" ,.;:!?…") for match in _QUOTED.finditer(text)]
    return [title for title in found if _is_title(title)]


def unquoted(text: str) -> str:
    """The text with quoted parts cut out, so that a title's words are not taken for a name."""
    return _QUOTED.sub(" , ", text)


def capital_runs(text: str) -> list[Run]:
    """The runs outside quotes, as long as they come."""
    return list(_runs(_tokens(unquoted(text))))


def _tokens(text: str) -> list[str]:
    tokens = []
    for token in _TOKEN.findall(text):
        possessive = re.fullmatch(r"(.+)['’ʼ]s", token)
        # A possessive ends its run: "Hina Ameen's Shale Stories" is two things.
        tokens.extend([possessive.group(1), "'s"] if possessive else [token])
    return tokens


def _runs(tokens: list[str]) -> Iterator[Run]:
    place = 0
    while place < len(tokens):
        end = _run_end(tokens, place)
        if end > place:
            before = tokens[place - 1] if place else "."
            words = tuple(token for token in tokens[place:end] if token != ".")
            yield Run(words, before in ".!?:\n", before.casefold() in PLACE_BEFORE)
        place = max(end, place + 1)


def _run_end(tokens: list[str], place: int) -> int:
    end = last = place
    while end < len(tokens) and end - place < 2 * LONGEST_RUN:
        if _is_capital(tokens[end]):
            last = end + 1
        elif not (end > place and (tokens[end].casefold() in PARTICLES or _is_initial_stop(tokens, end))):
            break
        end += 1
    return last


def _is_capital(token: str) -> bool:
    return token[0].isupper() or (
        token[0].isalpha() and token[0] == token[0].upper() and not token[0].islower()
    )


def _is_initial_stop(tokens: list[str], place: int) -> bool:
    return tokens[place] == "." and len(tokens[place - 1]) == 1


def _untailed(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and words[0].casefold() in PARTICLES and not words[0][0].isupper():
        words = words[1:]
    return words


def _is_title(quoted: str) -> bool:
    words = re.findall(r"[^\W\d_]+", quoted)
    capitals = sum(word[0].isupper() for word in words)
    return bool(words) and words[0][0].isupper() and 2 * capitals >= len(words)
