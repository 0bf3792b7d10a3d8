"""With a cadence a stream's events leave at fixed moments, whatever the guard held and whenever."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.cadence import NOTHING, PacedOutlet, merged
from gateway.errors import overloaded
from gateway.wire.chat.writer import ChatFraming, ChatWriter
from gateway.wire.writer import Frame
from tests.gateway.canned import DONE, Canned, End, said, stream
from tests.gateway.running import CRANE, HOST, config_for, policy_of, protection_of, running
from tests.gateway.served import number, until

WRITER = ChatWriter(Frame("chatcmpl-1", 0, "demo"))
EVERY_S = 0.05
BODY = b'{"model":"demo","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'
ASKED = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
Act = Callable[[PacedOutlet], Awaitable[None]]


def piece(text: str, choice: int = 0, name: str = "content") -> Any:
    return WRITER.chunk(choice, {name: text})


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 7.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleeping.append((self.now + seconds, future))
        await future

    async def move(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [one for one in self._sleeping if one[0] <= end and not one[1].done()]:
            self.now, future = min(due, key=lambda one: one[0])
            future.set_result(None)
            await settled()
        self.now = end


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def played(*acts: tuple[float, Act]) -> list[tuple[float, bytes]]:
    """What leaves and when, after the request came, when all is done at such times."""
    sent: list[tuple[float, bytes]] = []
    hand = Hand()

    async def send(message: Any) -> None:
        sent.append((round(hand.now - 7.0, 4), message.get("body", b"HEAD")))

    async def play() -> None:
        outlet = PacedOutlet(send, "req_1", EVERY_S, ChatFraming(), lambda: hand.now, hand.sleep)
        acting = []
        for at, act in acts:
            await hand.move(7.0 + at - hand.now)
            acting.append(asyncio.ensure_future(act(outlet)))
            await settled()
        await hand.move(1.0)
        await asyncio.gather(*acting)
        outlet.close()

    asyncio.run(play())
    return sent


def says(*events: Any) -> Act:
    return lambda outlet: outlet.events(list(events))


def ends(outlet: PacedOutlet) -> Awaitable[None]:
    return outlet.done()


def breaks(outlet: PacedOutlet) -> Awaitable[None]:
    return outlet.fail(overloaded())


def text(body: bytes) -> str:
    events = [orjson.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
    return "|".join(one["choices"][0]["delta"]["content"] for one in events)


@pytest.mark.parametrize("held_until", [0.001, 0.021, 0.049])
def test_when_text_was_certain_within_a_beat_does_not_show(held_until: float) -> None:
    quick = played((0.001, says(piece("A "))), (0.002, says(piece("lamp."))), (0.07, ends))
    slow = played((0.001, says(piece("A "))), (held_until, says(piece("lamp."))), (0.07, ends))
    assert quick == slow
    assert [at for at, _ in quick] == [0.05, 0.05, 0.1, 0.1]
    assert text(quick[1][1]) == "A lamp."


def test_a_beat_at_which_nothing_is_certain_is_kept_all_the_same() -> None:
    sent = played((0.01, says(piece("A "))), (0.16, says(piece("lamp."))), (0.17, ends))
    assert [at for at, _ in sent] == [0.05, 0.05, 0.1, 0.15, 0.2, 0.2]
    assert [body for _, body in sent[2:4]] == [NOTHING, NOTHING]


def test_an_error_is_told_on_the_beat_and_what_waited_is_not_sent() -> None:
    sent = played((0.01, says(piece("A "))), (0.06, says(piece("lamp."))), (0.07, breaks))
    assert [at for at, _ in sent] == [0.05, 0.05, 0.1]
    assert b"overloaded" in sent[-1][1]
    assert b"lamp" not in b"".join(body for _, body in sent)


def test_before_the_first_beat_an_error_is_an_answer_of_its_own() -> None:
    (_, head), (_, body) = played((0.01, says(piece("A "))), (0.02, breaks))
    assert head == b"HEAD"
    assert orjson.loads(body)["error"]["code"] == "overloaded"


def test_what_waits_begins_no_answer_once_it_is_told_to_wait() -> None:
    async def waits(outlet: PacedOutlet) -> None:
        outlet.wait()

    assert played((0.01, says(piece("A "))), (0.02, waits)) == []
    (_, head), (_, body) = played((0.01, says(piece("A "))), (0.02, waits), (0.09, breaks))
    assert head == b"HEAD"
    assert orjson.loads(body)["error"]["code"] == "overloaded"


def test_a_beat_that_failed_ends_the_answer_without_the_sign_of_its_end() -> None:
    sent = list[Any]()

    async def send(message: Any) -> None:
        sent.append(message)
        raise OSError("no line")

    async def play() -> None:
        hand = Hand()
        outlet = PacedOutlet(send, "req_1", EVERY_S, ChatFraming(), lambda: hand.now, hand.sleep)
        await outlet.events([piece("A ")])
        await settled()
        await hand.move(EVERY_S)
        ending = asyncio.ensure_future(outlet.done())
        await settled()
        await hand.move(EVERY_S)
        with pytest.raises(OSError, match="no line"):
            ending.result()
        outlet.close()

    asyncio.run(play())
    assert [message["type"] for message in sent] == ["http.response.start"]


def test_pieces_of_one_text_are_one_event_and_texts_stay_apart() -> None:
    end = WRITER.chunk(0, {}, "stop")
    events = [piece("A "), piece("lamp."), piece("No", 1), piece("so", 0, "reasoning"), piece("."), end]
    assert merged(events, ChatFraming()) == [piece("A lamp."), *events[2:]]
    assert merged([], ChatFraming()) == []


def test_a_gateway_with_a_cadence_answers_the_same(canned: Canned, tmp_path: Path) -> None:
    canned.play(stream(*said(["The ", "lamp ", "turns ", "for ", "Alden ", "Crane."]), DONE))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", release_every_ms=20)
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        told = gateway.chat(stream=True)
    assert told.text().startswith("The lamp turns for ")
    assert "Crane" not in told.text()
    assert told.finishes() == ["stop"]
    assert told.events[-1] == "[DONE]"


@pytest.mark.parametrize("every_ms", [10, 10_000], ids=["between beats", "before the first"])
def test_a_client_that_leaves_ends_the_beats_and_the_work(
    canned: Canned, tmp_path: Path, caplog: pytest.LogCaptureFixture, every_ms: int
) -> None:
    canned.play(stream(*said(["The lamp turns."] * 3), end=End.SILENT))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", release_every_ms=every_ms)
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        with socket.create_connection((HOST, gateway.port)) as line:
            line.settimeout(60)
            line.sendall(ASKED)
            assert until(lambda: canned.asked)
            if every_ms < 1000:
                assert until(lambda: b"lamp" in line.recv(65_536))
        assert canned.left.wait(60)
        assert until(gateway.records)[0]["outcome"] == "left"
        assert until(lambda: number(gateway, "unsay_requests_running") == 0)
    assert caplog.records == []
