"""One connection is asked one thing after the other, and whatever it says has an end or an error."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from gateway.config import Upstream
from gateway.upstream.line import AHEAD, HEAD_BYTES, Line, LineBrokenError, LineLostError
from gateway.upstream.pool import Pool, UnreachableError

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = HEAD + b"Content-Length: 6\r\n\r\nA lamp"

# What the server does with a question, told how many there were before.
Answers = Callable[[int, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def pool_over(
    answers: Answers, connections: int = 10, silence_s: float = 300.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Pool]:
    numbers, serving = count(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await answers(next(numbers), writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    config = Upstream(
        base_url=f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1",
        connections=connections,
        idle_timeout_s=silence_s,
    )
    pool = Pool(config)
    try:
        yield pool
    finally:
        pool.close()
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
        # Transports end in the loop's next turn.
        await asyncio.sleep(0.01)


async def all_of(line: Line) -> bytes:
    heard = b""
    while piece := await line.read():
        heard += piece
    return heard


def saying(*said: bytes, ends: bool = False, pause_s: float = 0.02) -> Answers:
    async def answers(_: int, writer: asyncio.StreamWriter) -> None:
        for piece in said:
            writer.write(piece)
            await asyncio.sleep(pause_s)
        if ends:
            writer.close()

    return answers


def asked(answers: Answers, times: int = 1) -> tuple[list[bytes], int]:
    """What the answers say, and how many connections they took."""

    async def run() -> tuple[list[bytes], int]:
        heard, lines, over = list[bytes](), set[Line](), asyncio.Event()

        async def told(number: int, writer: asyncio.StreamWriter) -> None:
            await answers(number, writer)
            over.set()

        async with pool_over(told) as pool:
            for _ in range(times):
                over.clear()
                line = await pool.ask(ASK)
                lines.add(line)
                try:
                    heard.append(await all_of(line))
                finally:
                    pool.give_back(line)
                await over.wait()
                # The kernel hands over what was said last.
                await asyncio.sleep(0.1)
        return heard, len(lines)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "answers",
    [
        saying(WHOLE),
        saying(*(WHOLE[at : at + 1] for at in range(len(WHOLE))), pause_s=0.0),
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nA \r\n4\r\n", b"lamp\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + WHOLE),
    ],
    ids=["sized", "byte by byte", "chunked", "hints"],
)
def test_an_answer_that_tells_its_end_leaves_the_line_free(answers: Answers) -> None:
    assert asked(answers, times=2) == ([b"A lamp"] * 2, 1)


@pytest.mark.parametrize(
    "answers",
    [
        saying(HEAD + b"\r\nA lamp", ends=True),
        saying(HEAD + b"Connection: close\r\nContent-Length: 6\r\n\r\nA lamp", ends=True),
        saying(WHOLE, b"HTTP/1.1 200 OK\r\n"),
        saying(WHOLE + WHOLE),
    ],
    ids=["until it closes", "to be closed", "more than asked", "twice"],
)
def test_a_line_that_is_not_at_its_end_is_not_asked_again(answers: Answers) -> None:
    assert asked(answers, times=2) == ([b"A lamp"] * 2, 2)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (saying(HEAD + b"Content-Length: 7\r\n\r\nA lamp", ends=True), LineLostError),
        (saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nA lamp\r\n", ends=True), LineLostError),
        (saying(b"", ends=True), LineLostError),
        (saying(b"A lamp\r\n\r\n"), LineBrokenError),
        (saying(WHOLE + b"A lamp"), LineBrokenError),
        (saying(HEAD + b"X: " + b"x" * 2 * HEAD_BYTES), LineBrokenError),
        (saying(*[b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500] * 10, pause_s=0.0), LineBrokenError),
    ],
)
def test_what_is_no_answer_is_an_error(answers: Answers, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(answers)


def test_silence_is_an_error_and_slow_reading_is_none() -> None:
    async def run(answers: Answers, wait_s: float) -> bytes:
        async with pool_over(answers, silence_s=1.0) as pool:
            line = await pool.ask(ASK)
            await asyncio.sleep(wait_s)
            try:
                return await all_of(line)
            finally:
                pool.give_back(line)

    much = b"x" * 8 * AHEAD
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(much)
    assert asyncio.run(run(saying(head + much), 1.5)) == much
    with pytest.raises(TimeoutError):
        asyncio.run(run(saying(head), 0.0))


def test_what_nobody_reads_is_not_taken_from_the_line() -> None:
    async def run() -> int:
        stuck = asyncio.get_running_loop().create_future()

        async def answers(_: int, writer: asyncio.StreamWriter) -> None:
            writer.write(HEAD + b"\r\n")
            for sent in range(1000):
                writer.write(b"x" * AHEAD)
                try:
                    await asyncio.wait_for(writer.drain(), 0.5)
                except TimeoutError:
                    stuck.set_result(sent)
                    break

        async with pool_over(answers) as pool:
            line = await pool.ask(ASK)
            sent: int = await asyncio.wait_for(stuck, 120)
            pool.give_back(line)
        return sent

    assert asyncio.run(run()) < 500


def test_no_more_are_asked_at_a_time_than_the_settings_say() -> None:
    async def run() -> bool:
        async with pool_over(saying(WHOLE), connections=1) as pool:
            first = await pool.ask(ASK)
            second = asyncio.ensure_future(pool.ask(ASK))
            await asyncio.sleep(0.1)
            waited = not second.done()
            pool.give_back(first)
            pool.give_back(await second)
            return waited

    assert asyncio.run(run())


def test_a_server_that_is_not_there_is_told() -> None:
    async def run() -> None:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            await Pool(Upstream(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}/v1")).ask(ASK)

    with pytest.raises(UnreachableError):
        asyncio.run(run())


@pytest.mark.parametrize("drops", [1, 2])
def test_a_kept_line_that_is_closed_as_it_is_asked_is_replaced_once(drops: int) -> None:
    async def answers(number: int, writer: asyncio.StreamWriter) -> None:
        if 1 <= number <= drops:
            writer.transport.abort()
        else:
            writer.write(WHOLE)

    if drops == 1:
        assert asked(answers, times=2) == ([b"A lamp"] * 2, 2)
    else:
        with pytest.raises(LineLostError):
            asked(answers, times=2)


def test_a_line_that_breaks_within_an_answer_is_not_asked_twice() -> None:
    numbers = list[int]()

    async def answers(number: int, writer: asyncio.StreamWriter) -> None:
        numbers.append(number)
        writer.write(HEAD)
        await writer.drain()
        writer.transport.close()

    with pytest.raises(LineLostError):
        asked(answers)
    assert numbers == [0]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made with openssl")
@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_is_asked_over_tls_only_with_a_trusted_certificate(
    trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def run() -> bytes:
        async with pool_over(saying(WHOLE), tls=serving) as pool:
            line = await pool.ask(ASK)
            try:
                return await all_of(line)
            finally:
                pool.give_back(line)

    if trusted:
        assert asyncio.run(run()) == b"A lamp"
    else:
        with pytest.raises(UnreachableError):
            asyncio.run(run())


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    wanted = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"]
    wanted += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", "-days", "2", *wanted], check=True, capture_output=True)
    return certificate, key
