"""A process that appends records until its input ends, sixteen at a time, and says each when it is written.

It may be told to die in the middle of a write, with the lock held: half of a batch is then in the file.
"""

import asyncio
import itertools
import os
import signal
import sys
import time
from pathlib import Path

from gateway.audit.log import AuditLog
from tests.gateway.audit.audit_writing import request

AT_A_TIME = 16


async def main(path: Path, first: int, dies_at: int) -> None:
    log = AuditLog(path)
    die_in_write(dies_at)
    told = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    numbers = itertools.count(first)

    async def one() -> None:
        while not told.done():
            number = next(numbers)
            await log.record(request(number))
            os.write(1, b"%d\n" % number)

    await asyncio.gather(*(one() for _ in range(AT_A_TIME)))
    log.close()


def die_in_write(at: int) -> None:
    """The `at`th write to the log is the last one, and writes the half."""
    write, count = os.write, 0

    def dying(file: int, data: bytes) -> int:
        nonlocal count
        count += file != 1
        if count == at and file != 1:
            # One byte more than the half: of an even number of lines the half would be whole lines.
            write(file, data[: len(data) // 2 + 1])
            # Time enough for a confirmation that came too early to be said.
            time.sleep(0.02)
            os.kill(os.getpid(), signal.SIGKILL)
        return write(file, data)

    if at:
        os.write = dying  # type: ignore[assignment]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
