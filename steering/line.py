"""One way of reading the tokens of a text: its closed units, and the one that is open.

Rules: a unit counts as said as soon as the text might end behind it, so an open one is looked at as if it
were closed; it may still go on. A line that is copied does not change with its copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.units import LONGEST
from steering import paths
from steering.book import Book, Sight, Window
from steering.form import Form, Lead, Tail, form_of
from steering.heads import Tokens
from steering.paths import Live, Said

_PLAINLY_JOINING = (Lead.GOES_ON,)
_JOINING = (Lead.GOES_ON, Lead.APOSTROPHE)


@dataclass(slots=True)
class Line:
    """`opened`: the open unit, with an apostrophe `behind` it or not; `rest`: bytes of an unfinished
    character. `sight`: behind the closed units, `closed`: if the open one ends here; `said` and `windows`:
    what the last token has completed.
    """

    book: Book
    sight: Sight
    closed: Sight
    opened: str = ""
    capital: bool | None = None
    behind: bool = False
    rest: bytes = b""
    figures: Live = paths.NOTHING
    said: Sequence[Said] = ()
    windows: Sequence[Window] = ()

    @classmethod
    def start(cls, book: Book, opened: str = "") -> "Line":
        """At the beginning of a text, or behind a unit that is still open."""
        line = cls(book, book.start(), book.start())
        line._open(opened, None)
        return line

    def copy(self) -> "Line":
        return Line(
            self.book,
            self.sight,
            self.closed,
            self.opened,
            self.capital,
            self.behind,
            self.rest,
            self.figures,
        )

    def push(self, number: int, tokens: Tokens) -> None:
        """Read one more token."""
        self.said, self.windows = (), ()
        plain = tokens.plain[number]
        if plain is None or self.rest or (plain[0] and len(self.opened) + len(plain[1]) >= LONGEST):
            self._push(number, tokens)
            return
        joins, unit, capital = plain
        if self.figures:
            self.figures = paths.NOTHING
        if not joins:
            self.sight, self.opened, self.capital = self.closed, unit, capital
        else:
            self.opened += unit
            if self.capital is None:
                self.capital = capital
        self.behind = False
        self.closed = self.book.advance(self.sight, self.opened, self.capital)
        if not self.closed.quiet:
            self._tell()

    def _push(self, number: int, tokens: Tokens) -> None:
        """Any token, at any place."""
        before = self.rest
        said = tokens.say(number, before)
        self.rest = said.rest
        if said.figures and (self.figures or said.figures != " "):
            self.figures, self.said = self.book.step_figures(self.figures, said.figures)
        form = said.form
        if self.opened and form.units and len(self.opened) + len(form.units[0]) >= LONGEST:
            form = self._again(form, tokens.text(number, before))
        if form.units or form.lead is not Lead.GOES_ON:
            self._take(form)

    def parted(self) -> "Line":
        """The same, where what follows does not go on with the open unit."""
        return Line(self.book, self.closed, self.closed, figures=self.figures)

    def covers(self, other: "Line") -> bool:
        """Whether all that may be complete behind the other is so behind this one, too: what stands before it
        ends in all that stands before the other.
        """
        if self._open_part() != other._open_part():
            return False
        recent, live = self.sight.recent, self.sight.live
        return (
            recent[len(recent) - len(other.sight.recent) :] == other.sight.recent
            and live[len(live) - len(other.sight.live) :] == other.sight.live
        )

    def _open_part(self) -> tuple[object, ...]:
        return self.opened, self.capital, self.behind, self.rest, self.figures

    @property
    def joining(self) -> tuple[Lead, ...]:
        """The leads of what goes on with the open unit."""
        return _JOINING if self.opened and not self.behind else _PLAINLY_JOINING

    def joins(self, lead: Lead) -> bool:
        return lead in self.joining

    def _again(self, form: Form, text: str) -> Form:
        """A unit that becomes too long is cut where the whole text would be."""
        if not self.joins(form.lead):
            return form
        again = form_of(self.opened + text)
        capitals = (self.capital, *again.capitals[1:])
        self.opened = ""
        return Form(Lead.GOES_ON, again.units, capitals, again.tail)

    def _take(self, form: Form) -> None:
        if not self.joins(form.lead):
            self._close()
        elif form.lead is Lead.APOSTROPHE and not form.units:
            self.behind = True
            return
        for place, (unit, capital) in enumerate(zip(form.units, form.capitals, strict=True)):
            if place:
                self._close()
            self._open(self.opened + unit, capital if self.capital is None else self.capital)
        if form.units:
            self.behind = form.tail is Tail.APOSTROPHE
            if form.tail is Tail.CLOSED:
                self._close()

    def _open(self, unit: str, capital: bool | None) -> None:
        """This is the open unit now; it may be the end of the text."""
        self.opened, self.capital = unit, capital
        self.closed = self.book.advance(self.sight, unit, capital) if unit else self.sight
        self._tell()

    def _close(self) -> None:
        self.sight, self.opened, self.capital, self.behind = self.closed, "", None, False

    def _tell(self) -> None:
        if self.opened and (self.closed.phrases or self.closed.windows):
            self.said = [*self.said, *self.closed.phrases]
            self.windows = [*self.windows, *self.closed.windows]
