"""`unsay.yaml` is read whole, or refused with the place, what was expected and what was got."""

from pathlib import Path

import pytest

from gateway.config import Config, RefusalShape, is_loopback
from gateway.config_file import ConfigError, load_config
from gateway.config_page import page

FULL = """
listen: {host: 127.0.0.1, port: 8080}
upstream:
  base_url: http://127.0.0.1:8000/v1/
models: {demo: engine-name}
keys:
  - {name: app, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}
limits: {body_bytes: 100000, choices: 4}
refusal: refusal
unknown_fields: strip
audit: {path: logs/audit.jsonl}
snapshot: snapshot
policy: /etc/policy.yaml
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "unsay.yaml"
    path.write_text(text)
    return path


def test_a_full_file_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, FULL))
    assert config.refusal is RefusalShape.REFUSAL
    assert config.upstream.base_url == "http://127.0.0.1:8000/v1"
    assert config.audit.path == tmp_path / "logs/audit.jsonl", "paths are relative to the file"
    assert config.policy == Path("/etc/policy.yaml")


@pytest.mark.parametrize("text", ["", "{}", "# nothing\n"])
def test_an_empty_file_means_the_defaults(text: str, tmp_path: Path) -> None:
    assert load_config(write(tmp_path, text)).listen.host == "127.0.0.1"


WRONG = {
    "an unknown setting": (
        "listen:\n  prot: 1\n",
        2,
        "listen.prot: expected one of the keys host, port, workers, got the key 'prot'. Did you mean `port`?",
    ),
    "a wrong kind": ("listen:\n  host: 127.0.0.1\n  port: many\n", 3, "got 'many'"),
    "out of range": (
        "limits:\n  choices: 1000\n",
        2,
        "limits.choices: expected at most 128, got the number 1000",
    ),
    "an unknown word": ("refusal: silence\n", 1, "got 'silence'"),
    "a list for a mapping": ("listen: [1]\n", 1, "listen"),
    "not a mapping": ("- 1\n", 1, "expected a mapping, got a list of 1"),
    "a key without a hash": ("keys:\n  - {name: app}\n", 2, "exactly one of sha256 and blake2b"),
    "a hash that is none": (
        "keys:\n  - name: app\n    sha256: secret\n",
        3,
        "keys[0].sha256: expected 64 hexadecimal digits in small letters, got a text of 6 characters",
    ),
    "a name twice": (
        f"keys:\n  - {{name: a, sha256: '{'0' * 64}'}}\n  - {{name: a, sha256: '{'1' * 64}'}}\n",
        1,
        "once",
    ),
    "no URL": ("upstream: {base_url: engine}\n", 1, "expected a URL"),
    "a URL with a query": ("upstream: {base_url: 'http://engine/v1?key=1'}\n", 1, "expected a URL"),
    "all addresses without keys": ("listen: {host: 0.0.0.0}\n", 1, "expected a loopback address"),
    "an environment variable that is not set": (
        "upstream: {api_key_env: NOT_SET_ANYWHERE}\n",
        1,
        "NOT_SET_ANYWHERE",
    ),
    "a setting twice": (
        "refusal: answer\nrefusal: error\n",
        2,
        "refusal: expected every key once, got the key 'refusal' again (first on line 1)",
    ),
    "no YAML": ("listen: [\n", 2, "expected valid YAML, got a syntax error"),
    "a tab": ("listen:\n\thost: x\n", 2, "expected valid YAML, got a syntax error"),
    "an object of Python": (
        "listen: !!python/object:os.system {}\n",
        1,
        "listen: expected plain YAML data, got a tag",
    ),
}


@pytest.mark.parametrize(("text", "line", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_with_its_place(text: str, line: int, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "refusal: silence\nlimits: {choices: 0}\ncolour: red\n"))
    assert [problem.field for problem in caught.value.problems] == ["refusal", "limits.choices", "colour"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a readable file, got no such file"):
        load_config(tmp_path / "unsay.yaml")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "unsay.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(path)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_with_keys_any_address_is_allowed() -> None:
    config = Config.model_validate(
        {"listen": {"host": "0.0.0.0"}, "keys": [{"name": "a", "sha256": "0" * 64}]}
    )
    assert config.listen.host == "0.0.0.0"


def test_the_page_of_settings_is_made_from_the_code() -> None:
    path = Path(__file__).resolve().parents[2] / "docs/settings.md"
    assert path.read_text() == page(), "python -m gateway.config_page"


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_KEY", "hush")
    config = Config.model_validate({"upstream": {"api_key_env": "ENGINE_KEY"}})
    assert "hush" not in repr(config) + repr(config.upstream.api_key) + config.model_dump_json()
