"""Whatever the model server does, the client gets a clear error and the gateway serves on."""

import pytest

from tests.gateway.bad.bad_answers import BEGUN_LINE, ERRORS, EVENTS, LINE, WHOLE, Bad
from tests.gateway.bad.ground import Ending, Ground, encoded, request


def ask(bad: Bad) -> list[bytes]:
    return [request(encoded(stream=bad.streamed))]


EVERY = (*EVENTS, *ERRORS, *WHOLE, *LINE)
SLOW = [bad for bad in EVERY if bad.code == "upstream_timeout"]


def tell(bad: Bad, ground: Ground) -> str:
    """What the client gets before the error."""
    ground.canned.play(bad.script)
    answered = ground.treat(ask(bad), bad.ending)
    return answered.text() if answered.status == 200 else ""


@pytest.mark.parametrize("bad", [bad for bad in EVERY if bad not in SLOW], ids=lambda bad: bad.name)
def test_an_answer_that_cannot_be_checked_is_told_and_nothing_else_changes(bad: Bad, ground: Ground) -> None:
    assert tell(bad, ground) == checked_before(bad)


@pytest.mark.parametrize("bad", SLOW, ids=lambda bad: bad.name)
def test_an_answer_that_does_not_come_is_told_and_nothing_else_changes(
    bad: Bad, hasty_ground: Ground
) -> None:
    assert tell(bad, hasty_ground) == checked_before(bad)


def checked_before(bad: Bad) -> str:
    """It is sent."""
    return "A lamp. " if bad.status == 200 else ""


@pytest.mark.parametrize("bad", BEGUN_LINE, ids=lambda bad: bad.name)
def test_a_line_that_breaks_after_a_good_event_ends_the_stream(bad: Bad, ground: Ground) -> None:
    ground.canned.play(bad.script)
    ending = Ending(200, bad.code, bad.told, asked=True, streamed=True)
    assert ground.treat(ask(bad), ending).text() == "A lamp. "
