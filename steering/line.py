"""One way of reading the tokens of a text: its closed units, and the one that is open.

Rules: a unit counts as said as soon as the text might end behind it, so an open one is looked at as if it
were closed; it may still go on. A line that is copied does not change with its copy.
"""

from dataclasses import dataclass, field

from index.units import LONGEST
from steering import paths
from steering.book import Book, Sight, Window
from steering.form import BREAK, Form, Lead, Tail, form_of
from steering.heads import Tokens
from steering.paths import Live, Said


@dataclass(slots=True)
class Line:
    """`opened`: the open unit, with an apostrophe `behind` it or not; `rest`: bytes of an unfinished
    character. `sight`: behind the closed units; `said` and `windows`: what the last token has completed.
    """

    book: Book
    sight: Sight
    opened: str = ""
    capital: bool | None = None
    behind: bool = False
    rest: bytes = b""
    figures: Live = paths.NOTHING
    said: list[Said] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    _closed: Sight | None = None

    @classmethod
    def start(cls, book: Book) -> "Line":
        return cls(book, book.start())

    def copy(self) -> "Line":
        return Line(
            self.book, self.sight, self.opened, self.capital, self.behind, self.rest, self.figures,
            [], [], self._closed,
        )  # fmt: skip

    @property
    def closed(self) -> Sight:
        """What is in sight if the open unit ends here."""
        if not self.opened:
            return self.sight
        if self._closed is None:
            self._closed = self.book.advance(self.sight, self.opened, self.capital)
        return self._closed

    def push(self, number: int, tokens: Tokens) -> None:
        """Read one more token."""
        before = self.rest
        said = tokens.say(number, before)
        self.rest = said.rest
        if self.said or self.windows:
            self.said, self.windows = [], []
        if said.figures and (self.figures or said.figures != " "):
            self.figures, completed = self.book.step_figures(self.figures, said.figures)
            self.said += completed
        form = said.form
        if self.opened and form.units and len(self.opened) + len(form.units[0]) >= LONGEST:
            form = self._again(form, tokens.text(number, before))
        if form.units or form.lead is not Lead.GOES_ON:
            self._take(form)
            self._look()

    def close(self) -> None:
        """What follows does not go on with the open unit."""
        self.rest = b""
        self._take(BREAK)

    def reads_as(self, other: "Line") -> bool:
        """Whether whatever follows means the same behind both."""
        return self._state() == other._state()

    def _state(self) -> tuple[object, ...]:
        sight = self.sight
        runs = tuple(dict(each) for each in sight.runs)
        return self.opened, self.capital, self.behind, self.rest, self.figures, sight.recent, sight.live, runs

    def joins(self, lead: Lead) -> bool:
        """Whether what begins so goes on with the open unit."""
        return lead is Lead.GOES_ON or (lead is Lead.APOSTROPHE and bool(self.opened) and not self.behind)

    def _again(self, form: Form, text: str) -> Form:
        """A unit that becomes too long is cut where the whole text would be."""
        if not self.joins(form.lead):
            return form
        again = form_of(self.opened + text)
        capitals = (self.capital, *again.capitals[1:])
        self._open("", None)
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
        self.opened, self.capital, self._closed = unit, capital, None

    def _close(self) -> None:
        if self.opened:
            self.sight = self.closed
            self._tell(self.sight)
        self._open("", None)
        self.behind = False

    def _look(self) -> None:
        if self.opened:
            self._tell(self.closed)

    def _tell(self, sight: Sight) -> None:
        if sight.phrases or sight.windows:
            self.said += sight.phrases
            self.windows += sight.windows
