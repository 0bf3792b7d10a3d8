"""`unsay steer bias` writes a table that the gateway reads."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from index.biases import read_biases
from index.key import entry_number, load_or_create_key
from unsay.bias_command import bias

SECRET = "555-201-3391"


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(bias)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("UNSAY_INDEX_KEY", raising=False)
    path = tmp_path / "policy.yaml"
    entry = {"id": "crane", "names": ["Alden Crane"], "secrets": [SECRET]}
    path.write_text(json.dumps({"version": 1, "entries": [entry]}))
    return str(path)


def test_it_writes_what_the_gateway_reads(tmp_path: Path, policy: str) -> None:
    from tokenizers import Tokenizer, models

    Tokenizer(models.WordLevel({"?": 0}, unk_token="?")).save(str(tmp_path / "tokenizer.json"))
    table, key = tmp_path / "table", tmp_path / "key"
    status, told = run(policy, "--tokenizer", str(tmp_path), "--out", str(table), "--key", str(key))
    secret = load_or_create_key(key)
    assert (status, SECRET in told) == (0, False)
    assert "0 tokens and 1 strings of 1 entries" in " ".join(told.split())
    assert read_biases(table, secret)[entry_number(secret, "crane")].words == (SECRET,)


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path, policy: str) -> None:
    status, told = run(policy, "--tokenizer", str(tmp_path), "--key", str(tmp_path / "key"))
    assert status == 2
    assert "tokenizer.json" in told.replace("\n", "")


def test_a_folder_is_no_file_to_write_to(tmp_path: Path, policy: str) -> None:
    status, told = run(policy, "--tokenizer", str(tmp_path), "--out", str(tmp_path))
    assert status == 2
    assert "expected a file to write, found a folder" in " ".join(told.split())
