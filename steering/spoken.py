"""Units as an answer comes to say them, token by token.

Rule: a token that goes on with an open unit is judged with what it goes on with, so nothing is freed by its
end alone. A unit without end is begun anew.
"""

from collections.abc import Callable, Sequence

import numpy as np

from index.units import LONGEST
from steering.edit import Edit, Ids
from steering.form import SILENT, Form, Lead, Tail

Said = tuple[str, ...]


class Spoken:
    """`forms`: by token id what it says. `opened`: the unit that the last token has not ended."""

    __slots__ = ("_forms", "opened")

    def __init__(self, forms: Sequence[Form], opened: str = "") -> None:
        self._forms, self.opened = forms, opened

    def push(self, number: int) -> Said:
        said, form = self.said(number), self._form(number)
        ended = form.tail is Tail.CLOSED or not said or len(said[-1]) >= LONGEST
        self.opened = "" if ended else said[-1]
        return said

    def said(self, number: int) -> Said:
        """The units that this token would say, the open one gone on with."""
        form = self._form(number)
        if not self.goes_on(number):
            return form.units
        return self.opened + "".join(form.units[:1]), *form.units[1:]

    def goes_on(self, number: int) -> bool:
        """Whether this token would go on with the open unit."""
        return bool(self.opened) and self._form(number).lead is not Lead.CLOSES

    def without(self, edit: Edit, is_free: Callable[[Said], bool]) -> Edit:
        """The edit without the tokens that say what is free, and without those that say no unit."""

        def held(ids: Ids) -> list[bool]:
            return [
                bool(self._form(number).units) and not is_free(self.said(number)) for number in ids.tolist()
            ]

        banned, shifted = (np.array(held(ids), np.bool_) for ids in (edit.banned, edit.shifted))
        return Edit(edit.banned[banned], edit.shifted[shifted], edit.by[shifted])

    def _form(self, number: int) -> Form:
        return self._forms[number] if 0 <= number < len(self._forms) else SILENT
