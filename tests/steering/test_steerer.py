"""New entries reach requests that run already, a few a step, and never more than two artefacts are held."""

from dataclasses import dataclass

from steering.steerer import MOST_READ, Parts, Steerer
from tests.steering.fakes import SequenceArtefact, steerer


@dataclass
class Running:
    length: int
    version: int = 0

    def begin(self, steerer: Steerer) -> None:
        self.version = steerer.version


def renewed(running: list[Running], steerer: Steerer) -> list[int]:
    """The places of those who have begun again after one more step."""
    steerer.renew(running)
    return [place for place, each in enumerate(running) if each.version == steerer.version]


def test_running_requests_begin_again_as_many_as_a_step_bears() -> None:
    fresh = [Parts(SequenceArtefact())]
    steering = steerer(fresh=lambda: fresh.pop() if fresh else None)
    running = [Running(MOST_READ // 2) for _ in range(5)]
    assert renewed(running, steering) == [0, 1]
    assert renewed(running, steering) == [0, 1, 2, 3]
    assert renewed(running, steering) == [0, 1, 2, 3, 4]


def test_one_begins_again_however_long_it_is() -> None:
    fresh = [Parts(SequenceArtefact())]
    steering = steerer(fresh=lambda: fresh.pop() if fresh else None)
    running = [Running(10 * MOST_READ), Running(10 * MOST_READ)]
    assert [renewed(running, steering) for _ in range(2)] == [[0], [0, 1]]


def test_nothing_newer_is_taken_before_all_have_begun_again() -> None:
    fresh = [Parts(SequenceArtefact(generation=3)), Parts(SequenceArtefact(generation=2))]
    steering = steerer(fresh=lambda: fresh.pop() if fresh else None)
    running = [Running(MOST_READ) for _ in range(3)]
    left = []
    for _ in range(4):
        steering.renew(running)
        left.append(len(fresh))
    assert left == [1, 1, 1, 0]


def test_who_has_left_is_not_waited_for() -> None:
    fresh = [Parts(SequenceArtefact()), Parts(SequenceArtefact())]
    steering = steerer(fresh=lambda: fresh.pop() if fresh else None)
    steering.renew([Running(MOST_READ), Running(MOST_READ)])
    steering.renew([])
    steering.renew([])
    assert fresh == []
