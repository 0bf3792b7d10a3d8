"""A gateway in a process of its own that knows for how long its event loop was held.

What counts is the processor time that the process spent between two turns of the loop: other programs on the
machine cannot lengthen it. A line on its input asks for the longest so far, in seconds, and begins anew.
"""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen

from gateway.server import Server, bind, settings
from policy.action import Action
from tests.gateway.running import CRANE, HOST, Running, config_for, policy_of, protection_of
from tests.growth import pace_s

TURN_S = 0.002


class Beat:
    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(TURN_S)
            now = time.process_time()
            self.longest, last = max(self.longest, now - last), now

    def tell(self) -> None:
        for _ in sys.stdin:
            print(self.longest, flush=True)
            self.longest = 0.0


def main() -> None:
    upstream, folder, action = sys.argv[1], Path(sys.argv[2]), Action(sys.argv[3])
    limits = {"answer_s": 600, "event_bytes": 2**25}
    config = config_for(upstream, folder / "audit.jsonl", limits=limits)
    protection = protection_of(policy_of(CRANE, prompt=action, answer=action), folder / "snapshot")
    beat, tasks = Beat(), []
    listener = bind(HOST, 0)

    def on_start() -> None:
        # As a worker does: what was loaded is not looked through again.
        gc.collect()
        gc.freeze()
        tasks.append(asyncio.get_running_loop().create_task(beat.run()))
        print(listener.getsockname()[1], pace_s(), flush=True)
        threading.Thread(target=beat.tell, daemon=True).start()

    Server(settings(config, protection), on_start).run(sockets=[listener])


@dataclass(slots=True)
class Beating(Running):
    process: "Popen[str]" = field(kw_only=True)
    pace_s: float = field(kw_only=True)

    def held_s(self) -> float:
        """The longest that the loop was held since the last time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextmanager
def beating(upstream: str, folder: Path, action: Action) -> Iterator[Beating]:
    command = [sys.executable, "-m", "tests.gateway.beating_gateway", upstream, str(folder), action]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, pace = process.stdout.readline().split()
            yield Beating(int(port), folder / "audit.jsonl", process=process, pace_s=float(pace))
        finally:
            process.kill()


if __name__ == "__main__":
    main()
