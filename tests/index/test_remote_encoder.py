"""An encoder behind HTTP keeps the laws of every encoder, and what a server does wrong is an error."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from index.build import build, is_stale
from index.encoder import EncoderError
from index.fingerprint import PROBES, probe_print, same_encoder
from index.judge import load_judge
from index.remote_encoder import BATCH, TRIES, RemoteEncoder
from index.snapshot import Snapshot, SnapshotError
from policy.entry import Entry, Question
from policy.policy import Policy, Semantic
from tests.index.embedding_server import EmbeddingServer, Fault, serving, whole
from tests.index.hash_encoder import HashEncoder

KEY = b"k" * 32
TEXTS = ["Where was Alden Crane born?", "", "The harvest was late that year.", "Где он родился?"]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingServer]:
    with serving(HashEncoder()) as found:
        yield found


def encoder(server: EmbeddingServer, **settings: Any) -> RemoteEncoder:
    return RemoteEncoder(server.url, "a-model", wait=lambda _: None, **settings)


def test_rows_are_those_of_the_encoder_behind_it(server: EmbeddingServer) -> None:
    remote = encoder(server)
    rows = remote.encode(TEXTS)
    np.testing.assert_allclose(rows, HashEncoder().encode(TEXTS), atol=1e-6)
    assert (remote.dimension, rows.dtype.name) == (256, "float32")
    assert remote.encode([]).shape == (0, 256)


def test_many_texts_go_in_batches(server: EmbeddingServer) -> None:
    remote, texts = encoder(server), [f"Sentence number {place}." for place in range(2 * BATCH + 1)]
    remote.load()
    before = len(server.requests)
    np.testing.assert_allclose(remote.encode(texts), HashEncoder().encode(texts), atol=1e-6)
    asked = server.requests[before:]
    assert [len(one["input"]) for one in asked] == [BATCH, BATCH, 1]
    assert {one["path"] for one in asked} == {"/v1/embeddings"}
    assert {one["model"] for one in asked} == {"a-model"}


def test_the_key_goes_with_every_request_and_shows_nowhere_else(server: EmbeddingServer) -> None:
    remote = encoder(server, key="very-secret")
    remote.encode(TEXTS)
    assert server.keys[-1] == "Bearer very-secret"
    assert "very-secret" not in repr(remote) + remote.fingerprint


def test_a_text_that_is_no_text_for_others_is_sent_all_the_same(server: EmbeddingServer) -> None:
    assert encoder(server).encode(["half a pair \ud800"]).shape == (1, 256)


def answered(change: Callable[[dict[str, Any]], object]) -> Fault:
    return lambda _, answer: (200, json.dumps(change(answer)).encode())


def row(values: list[Any]) -> Fault:
    return answered(lambda answer: {"data": [one | {"embedding": values} for one in answer["data"]]})


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (answered(lambda answer: {"data": answer["data"][:-1]}), "another number of them"),
        (answered(lambda answer: {"data": answer["data"] * 2}), "another number of them"),
        (row([]), "another number of them"),
        (row([0.0] * 256), "without"),
        (row([1e400] * 3), "found something else"),
        (row(["a", "b"]), "found something else"),
        (answered(lambda _: []), "found something else"),
        (answered(lambda _: {"error": {"message": TEXTS[0]}}), "found something else"),
        (lambda *_: (200, b"not JSON"), "found something else"),
        (lambda *_: (401, b"wrong key"), "found 401"),
        (lambda *_: (302, b""), "found 302"),
        (lambda _, answer: (500, json.dumps(answer).encode()), "found 500"),
        (lambda *_: (200, b" " * 4_000_000), "found more"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_shows_no_text(fault: Fault, said: str) -> None:
    with serving(HashEncoder(), fault) as server:
        with pytest.raises(EncoderError, match=said) as raised:
            encoder(server).encode(TEXTS)
        assert "Crane" not in str(raised.value)
        assert len(server.requests) == 1, "what is wrong is not tried again"


def test_vectors_of_another_length_than_before_are_refused() -> None:
    def shorter(asked: int, answer: dict[str, Any]) -> tuple[int, bytes]:
        data = [one | {"embedding": one["embedding"][: 256 - asked]} for one in answer["data"]]
        return 200, json.dumps({"data": data}).encode()

    with serving(HashEncoder(), shorter) as server:
        remote = encoder(server)
        remote.load()
        with pytest.raises(EncoderError, match="expected vectors of 256, found 255"):
            remote.encode(TEXTS)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    def busy(asked: int, answer: dict[str, Any]) -> tuple[int, bytes]:
        return (status, b"") if asked < TRIES - 1 else whole(asked, answer)

    with serving(HashEncoder(), busy) as server:
        assert encoder(server).dimension == 256
        assert len(server.requests) == TRIES


def test_one_that_stays_busy_is_given_up() -> None:
    with serving(HashEncoder(), lambda *_: (503, b"")) as server:
        with pytest.raises(EncoderError, match="did not answer"):
            encoder(server).encode(TEXTS)
        assert len(server.requests) == TRIES


def test_nobody_there_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with pytest.raises(EncoderError, match="ConnectionRefusedError"):
        RemoteEncoder(url, "a-model", wait=lambda _: None).encode(TEXTS)


def test_one_that_sends_a_byte_now_and_then_is_cut_off() -> None:
    """Each read by itself is in time; all together never would be."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended: list[bool] = []

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(0.02)
                while not ended:
                    try:
                        connection.sendall(b"H")
                        if connection.recv(65536) == b"":
                            return
                    except TimeoutError:
                        continue
                    except OSError:
                        return

        thread = Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(EncoderError, match="did not answer"):
            RemoteEncoder(url, "a-model", timeout_s=0.5, wait=lambda _: None).encode(TEXTS)
        ended.append(True)
        thread.join()


def test_the_fingerprint_knows_the_weights_again_and_tells_others_apart(server: EmbeddingServer) -> None:
    said = encoder(server).fingerprint
    rows = HashEncoder().encode(PROBES)
    near = rows + np.random.default_rng(1).normal(0, 2e-4, rows.shape).astype(np.float32)
    far = rows + np.random.default_rng(1).normal(0, 2e-2, rows.shape).astype(np.float32)
    assert same_encoder(said, said.rsplit(":", 1)[0] + f":{probe_print(near)}")
    assert not same_encoder(said, said.rsplit(":", 1)[0] + f":{probe_print(far)}")
    assert not same_encoder(said, replace(encoder(server), model="another").fingerprint)
    assert not same_encoder(said, HashEncoder().fingerprint)
    assert not same_encoder(said, None)
    assert not same_encoder(said, said.rsplit(":", 1)[0] + ":no-hex")


class Rounded(HashEncoder):
    """The same weights on another machine."""

    def encode(self, texts: Any) -> Any:
        rows = super().encode(texts)
        return rows + np.random.default_rng(len(texts)).normal(0, 1e-4, rows.shape).astype(np.float32)


def test_a_snapshot_is_judged_with_the_same_weights_on_another_machine_only(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    asked = "Where was Alden Vosskamp born?"
    policy = Policy(
        (Entry("crane", questions=(Question(asked, "At sea."),)),), "0" * 64, semantic=Semantic(0.1)
    )
    build(policy, tmp_path, KEY, encoder(server))
    snapshot = Snapshot.load(tmp_path, KEY)
    with serving(Rounded()) as again, serving(HashEncoder(128)) as other:
        judge = load_judge(snapshot, encoder(again), KEY)
        assert [hit.entry for hit in judge.judge([asked])[0]] == [0]
        assert not is_stale(tmp_path, policy, KEY, encoder(again).fingerprint)
        assert is_stale(tmp_path, policy, KEY, encoder(other).fingerprint)
        with pytest.raises(SnapshotError, match="expected encoder remote"):
            load_judge(snapshot, encoder(other), KEY)
