"""Has the model server of a test say what is built for one API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.gateway.canned import Canned, stream

Says = Callable[..., None]


@contextmanager
def saying(canned: Canned, spoken: Callable[..., Any]) -> Iterator[Says]:
    """What it yields takes what `spoken` takes; afterwards the server is as it was."""

    def say(*parts: object, **how: Any) -> None:
        canned.play(stream())
        canned.answers = spoken(*parts, **how)

    yield say
    canned.answers = None
