"""However long it took to refuse, it is told at the same time."""

import asyncio
from statistics import mean
from types import SimpleNamespace

import pytest

from gateway.limits import pacing


@pytest.mark.parametrize("elapsed_s", [0.0, 0.0021, 0.0023, 0.0099])
def test_a_refusal_is_told_on_the_next_beat(elapsed_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops wait for whole milliseconds, so the time after which it is told is one of three."""
    told = []

    async def sleep(seconds: float) -> None:
        told.append(elapsed_s + round(seconds, 3))

    # Here alone: loops of other threads sleep too.
    monkeypatch.setattr(pacing, "asyncio", SimpleNamespace(sleep=sleep))
    asyncio.run(_often(elapsed_s))
    beats = pacing.BEAT_S if elapsed_s else 0.0
    assert mean(told) == pytest.approx(beats + 0.001, abs=0.0001)


def test_the_beats_of_a_cloak_are_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(pacing, "asyncio", SimpleNamespace(sleep=sleep))
    for elapsed_s in (0.001, 0.049, 0.051):
        asyncio.run(pacing.beat(elapsed_s, 0.05))
    assert waited == pytest.approx([0.050, 0.002, 0.050], abs=0.0021)


async def _often(elapsed_s: float) -> None:
    for _ in range(2000):
        await pacing.beat(elapsed_s)
