"""Where the settings name an embeddings server, it compiles and judges the policy, and nothing else does."""

from pathlib import Path

import pytest

from gateway.config import Config
from gateway.config_encoder import EncoderAddress
from gateway.workers.source import Source
from index.encoder import EncoderError, MiniLM
from index.manifest import read_manifest
from tests.index.embedding_server import EmbeddingServer, serving
from tests.index.hash_encoder import HashEncoder

ASKED = "Where was Alden Vosskamp born?"
POLICY = f"""version: 1
entries:
  - {{id: crane, names: [Alden Vosskamp], questions: [{{question: "{ASKED}", answer: He was born at sea.}}]}}
"""


class Unused(MiniLM):
    def load(self) -> None:
        raise AssertionError("the offline encoder was asked")


def source(folder: Path, server: EmbeddingServer, variable: str | None = None) -> Source:
    (folder / "policy.yaml").write_text(POLICY)
    address = EncoderAddress(url=server.url, model="a-model", api_key_env=variable)
    config = Config(encoder=address, policy=folder / "policy.yaml", snapshot=folder / "snapshot")
    return Source(lambda: config, bytes(32), encoder=Unused())


def test_the_gateway_compiles_and_judges_with_the_server_of_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDDINGS_KEY", "very-secret")
    with serving(HashEncoder()) as server:
        serves = source(tmp_path, server, "EMBEDDINGS_KEY")
        opened = serves.open(serves.read())
        assert opened.judge is not None
        assert [hit.entry for hit in opened.judge.judge([ASKED])[0]] == [0]
    built = read_manifest(tmp_path / "snapshot").encoder
    assert built is not None
    assert built.fingerprint.startswith("remote:a-model:256:")
    assert set(server.keys) == {"Bearer very-secret"}


def test_an_answer_cannot_be_judged_without_it(tmp_path: Path) -> None:
    with serving(HashEncoder()) as server:
        serves = source(tmp_path, server)
        opened = serves.open(serves.read())
    assert opened.judge is not None
    with pytest.raises(EncoderError, match="did not answer"):
        opened.judge.judge([ASKED])


def test_a_missing_key_is_told_by_the_name_of_its_variable(tmp_path: Path) -> None:
    with serving(HashEncoder()) as server, pytest.raises(EncoderError, match="NO_SUCH_KEY: expected the key"):
        source(tmp_path, server, "NO_SUCH_KEY").read()
    assert not server.requests
