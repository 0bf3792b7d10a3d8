"""A model server that has said all is not called silent, however long its answer takes to read."""

import asyncio

from gateway.config import Limits, Upstream
from gateway.upstream.client import UpstreamClient
from tests.gateway.canned import DONE, Canned, said, stream

SILENCE_S = 1.5
# More than is read ahead, so that the end of the answer is met while the rest of it waits to be read.
LONG = "x" * 600_000


def test_an_answer_that_takes_long_to_read_is_not_taken_for_silence(canned: Canned) -> None:
    canned.play(stream(*said([LONG]), DONE))

    async def read_slowly() -> int:
        config, events = Upstream(base_url=canned.base_url, idle_timeout_s=SILENCE_S), 0
        async with (
            UpstreamClient(config, Limits()) as client,
            client.post("chat/completions", b"{}", "req_1") as reply,
        ):
            async for batch in reply.events():
                if not events:
                    await asyncio.sleep(SILENCE_S + 0.2)
                events += len(batch)
        return events

    assert asyncio.run(read_slowly()) == len(canned.script.pieces)
