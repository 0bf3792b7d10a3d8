"""When a refusal is told, and when a prompt goes on under a cloak: on a beat, so that how long it took to
find something does not show.

Rule: a scan that finds one string more takes some microseconds more, and who asks often enough could measure
them. So both go out at whole beats after the request came. Loops count in whole milliseconds; what that
leaves of the difference is drowned in two more, drawn by chance.
"""

import asyncio
import random

BEAT_S = 0.01
_TICK_S = 0.001


async def beat(elapsed_s: float, every_s: float = BEAT_S) -> None:
    """Wait for the next beat of a request that came so long ago."""
    # The sum of two: neither the mean nor the spread of what is seen then depends on the time it took.
    chance = _TICK_S * (random.random() + random.random())
    await asyncio.sleep(-elapsed_s % every_s + chance)
