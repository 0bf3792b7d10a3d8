"""A process whose log is full now and then, and which says what it asked for and what became of it.

The limit is the kernel's: a file may only grow to a size, and a write to it comes back short, then fails. It
is set before and lifted after some lines, until the process is killed. Every fifth who waits leaves.
"""

import asyncio
import itertools
import os
import random
import resource
import sys
from pathlib import Path

from gateway.audit.log import AuditError, AuditLog
from tests.gateway.audit.audit_writing import request

AT_A_TIME = 16


def limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def main(path: Path, first: int) -> None:
    log, chance = AuditLog(path, retry_s=0.005), random.Random(first)
    numbers = itertools.count(first)

    async def one(place: int) -> None:
        while True:
            number = next(numbers)
            os.write(1, b"asked %d\n" % number)
            try:
                async with asyncio.timeout(0 if place % 5 == 0 else None):
                    await log.record(request(number))
                os.write(1, b"written %d\n" % number)
            except AuditError:
                os.write(1, b"refused %d\n" % number)
            except TimeoutError:
                os.write(1, b"left %d\n" % number)
            await asyncio.sleep(0.0005)

    async def over() -> None:
        """Somebody's line follows what the log says of the outage, also where another begins just then."""
        while True:
            mark = next(numbers)
            try:
                await log.record(request(mark))
            except AuditError:
                os.write(1, b"refused %d\n" % mark)
            else:
                os.write(1, b"over %d\n" % mark)
                return

    async def fill() -> None:
        while True:
            limit(os.stat(path).st_size + chance.randint(1, 3000))
            while log.alive:  # noqa: ASYNC110 (another thread's state)
                await asyncio.sleep(0.001)
            limit(resource.RLIM_INFINITY)
            while not log.alive:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await over()

    await asyncio.gather(fill(), *(one(place) for place in range(AT_A_TIME)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
