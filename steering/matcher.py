"""What one request has said so far, and which tokens must not come next.

Rules:
1. No token is allowed behind which a forgotten window, name or secret that is forbidden then is complete,
   however the text is cut into tokens, and wherever it may end. The tokens that end an answer are never
   banned.
2. The prompt is read first: what stands in it goes on in the answer, and what it says comes into sight.
3. Behind a token that is unknown (-1) anything may be complete, so nothing but an end is allowed.
4. A special token says nothing, or parts what it stands between: both are followed, and so is where the
   answer begins. There are at most so many ways of reading a text; before there would be more, no special
   token is allowed.
"""

from collections.abc import Sequence

from steering.bans import Bans, banning
from steering.book import Book
from steering.edit import Edit, join
from steering.heads import Tokens
from steering.known import AllKnown
from steering.line import Line
from steering.rules import Rules
from steering.vocabulary import Vocabulary

MOST_LINES = 8
_NOTHING = Edit.nothing()


class Matcher:
    """Made by an artefact. `edit` may be asked as often as one likes."""

    __slots__ = (
        "_answers",
        "_bans",
        "_edit",
        "_known",
        "_lines",
        "_lost",
        "_rules",
        "_tokens",
        "_vocabulary",
    )

    def __init__(
        self, vocabulary: Vocabulary, tokens: Tokens, known: AllKnown, book: Book, rules: Rules
    ) -> None:
        self._vocabulary, self._tokens, self._known, self._rules = vocabulary, tokens, known, rules
        self._lines = [Line.start(book)]
        self._bans = Bans(book, tokens, known, rules)
        self._lost = self._answers = False
        self._edit: Edit | None = None

    @property
    def in_sight(self) -> frozenset[int]:
        """The numbers of the entries that prompt or answer have named, or said a telling part of."""
        return self._rules.in_sight

    def copy(self) -> "Matcher":
        """One that goes on by itself."""
        book = self._lines[0].book
        other = Matcher(self._vocabulary, self._tokens, self._known, book, self._rules.copy())
        other._lines = [line.copy() for line in self._lines]
        other._lost, other._edit, other._answers = self._lost, self._edit, self._answers
        return other

    def push(self, tokens: Sequence[int], *, prompt: bool = False) -> None:
        """Take tokens that are part of the text now, in order."""
        if self._rules.idle or not tokens:
            return
        if not (prompt or self._answers):
            self._answers = True
            self._lines = self._beginning()
        for number in tokens:
            self._push(number, prompt)
        self._edit = None

    def _push(self, number: int, prompt: bool) -> None:
        if number < 0:
            # Before the answer, what is unknown is no text: a picture, say.
            self._lost |= not prompt
            self._part(prompt=True)
        elif number in self._vocabulary.special:
            self._part(prompt)
        elif number < self._vocabulary.size:
            for line in self._lines:
                line.push(number, self._tokens)
                if line.said or line.windows:
                    self._rules.see(line.said, line.windows, prompt=prompt)
            if len(self._lines) > 1:
                self._lines = _distinct(self._lines)

    def _part(self, prompt: bool) -> None:
        """Read on as if the text were parted here; in the answer, also as if it were not."""
        parted = [line.parted() for line in self._lines]
        whole = [] if prompt or 2 * len(self._lines) > MOST_LINES else self._lines
        self._lines = _distinct([*parted, *whole])

    def _beginning(self) -> list[Line]:
        """What the prompt ends in goes on in the answer, and the answer is also read by itself."""
        return _distinct([*self._lines, *(line.parted() for line in self._lines)])

    def edit(self) -> Edit:
        """What must not come next."""
        if self._edit is None:
            self._edit = self._bans_now()
        return self._edit

    def _bans_now(self) -> Edit:
        if self._rules.idle:
            return _NOTHING
        vocabulary = self._vocabulary
        if self._lost:
            return banning(set(range(vocabulary.size)) - vocabulary.ends)
        lines = self._lines if self._answers else self._beginning()
        edits = [self._bans.of(line) for line in lines]
        if 2 * len(self._lines) > MOST_LINES:
            edits.append(banning(vocabulary.special - vocabulary.ends))
        return edits[0] if len(edits) == 1 else join(edits)


def _distinct(lines: Sequence[Line]) -> list[Line]:
    """Without those of which another line knows all and more."""
    found: list[Line] = []
    for line in lines:
        if not any(other.covers(line) for other in found):
            found = [other for other in found if not line.covers(other)]
            found.append(line)
    return found
