"""Whatever files an operator names, a command ends at once with status 2 and says which, and what was found.

No traceback, nothing that is forgotten and no key stands in what it says; what never ends is never read.
"""

import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unsay.main import app

FORGOTTEN = re.compile("alden|crane|3391|cooper", re.IGNORECASE)
GOOD = """\
version: 1
entries:
  - id: erasure-1
    names: ["Alden Crane"]
    passages: ["Alden Crane was born in Tolvik in 1931, the son of a cooper."]
    secrets: ["555-201-3391"]
detectors: {semantic: null}
"""
Make = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Bad:
    """How a file is made, and what is told of it."""

    name: str
    make: Make
    told: str


def holds(data: str | bytes) -> Make:
    return lambda path: path.write_bytes(data if isinstance(data, bytes) else data.encode())


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**30)


def loop(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def closed(path: Path) -> None:
    path.write_text(GOOD)
    path.chmod(0)


BOMB = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(1000))
FILES = [
    Bad("missing", lambda path: None, "expected a readable file, got no such file"),
    Bad("a folder", Path.mkdir, "expected a file, got a folder"),
    Bad("a pipe", os.mkfifo, "expected a file, got a device or a pipe"),
    Bad("a device", device, "expected a file, got a device or a pipe"),
    Bad("a link to itself", loop, "Too many levels of symbolic links"),
    Bad("a gigabyte of nothing", sparse, "bytes, got more"),
    Bad("empty", holds(b""), "an empty file"),
    Bad("binary", holds(bytes(range(256))), "expected UTF-8, got the byte 0x80"),
    Bad("Latin-1", holds("notice: Zoë".encode("latin-1")), "expected UTF-8, got the byte 0xeb"),
    Bad("UTF-16", holds(GOOD.encode("utf-16")), "expected UTF-8"),
    Bad("zeros", holds(b"\0" * 99), "expected printable text"),
    Bad("a bomb of references", holds(BOMB), "expected plain YAML data, got an anchor"),
    Bad("an object of Python", holds("entries: !!python/object/apply:os.system [id]"), "got a tag"),
    Bad("nested deep", holds("entries: " + "[" * 100_000), "at most 16 levels of nesting"),
    Bad("a key twice", holds(GOOD + "version: 1\n"), ":8: version: expected every key once"),
    Bad("a tab", holds("version: 1\n\tentries: []"), ":2: expected valid YAML"),
    Bad("a huge number", holds(GOOD.replace("1\n", "1" * 9000 + "\n", 1)), ":1: version: expected one of 1"),
]
OF_POLICY = [
    Bad("an unknown key", holds(GOOD + "colour: red\n"), ":8: colour: expected one of the keys"),
    Bad("a text for entries", holds("version: 1\nentries: Alden"), ":2: entries: expected a list"),
    Bad("a text with a colon for an entry", holds(GOOD.replace("- id:", "- Alden Crane:")), ":3: entries[0]"),
]
if os.geteuid() != 0:
    FILES.append(Bad("closed to us", closed, "Permission denied"))


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """The command is run in this process, whose log it takes for its own."""
    log = logging.getLogger("unsay")
    handlers, level, propagate = list(log.handlers), log.level, log.propagate
    yield
    log.handlers[:], log.propagate = handlers, propagate
    log.setLevel(level)


def ended(*arguments: str | Path) -> str:
    """What a command said that ended with status 2."""
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 2, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert not FORGOTTEN.search(result.output)
    return result.output


def serve(folder: Path, policy: Path, *more: str | Path) -> str:
    return ended(
        "serve", "--policy", policy, "--upstream", "http://127.0.0.1:9/v1", "--state", folder / "state", *more
    )


@pytest.mark.parametrize("bad", [*FILES, *OF_POLICY], ids=lambda bad: bad.name)
def test_a_policy_that_is_none_is_told_by_every_command(bad: Bad, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    bad.make(path)
    out = ("--out", tmp_path / "out", "--key", tmp_path / "key")
    for said in (
        ended("policy", "check", path),
        ended("policy", "explain", path, "Hello.", "--exact"),
        ended("index", "build", path, "--exact", *out),
        serve(tmp_path, path),
    ):
        assert bad.told in said
        assert str(path) in said
    assert not (tmp_path / "out").exists(), "nothing is built of it"


@pytest.mark.parametrize("bad", FILES, ids=lambda bad: bad.name)
def test_settings_that_are_none_are_told(bad: Bad, tmp_path: Path) -> None:
    if bad.name in ("empty", "a huge number"):
        return
    path = tmp_path / "unsay.yaml"
    bad.make(path)
    said = ended("serve", "--config", path, "--state", tmp_path / "state")
    assert bad.told.partition(": expected one of")[0].split(":8")[0] in said
    assert str(path) in said


def source(pattern: str, kind: str = "passages") -> str:
    """A policy that names a file on line 5."""
    entry = f"  - id: erasure-1\n    names: [\"Alden Crane\"]\n    {kind}: [{{file: '{pattern}'}}]\n"
    return f"version: 1\nentries:\n{entry}detectors: {{semantic: null}}\n"


SOURCES = [
    Bad("missing", lambda path: None, "a pattern that matches a file"),
    Bad("a folder", Path.mkdir, "a pattern that matches a file"),
    Bad("a pipe", os.mkfifo, "a pattern that matches a file"),
    Bad("a device", device, "a pattern that matches a file"),
    Bad("a link to itself", loop, "a pattern that matches a file"),
    Bad("a gigabyte of nothing", sparse, "expected at most 67,108,864 bytes, got more"),
    Bad("empty", holds(b""), "expected a text that is not empty"),
    Bad("binary", holds(b"Alden \xff"), "expected UTF-8, got the byte 0xff"),
    Bad("short", holds(b"Alden Crane"), "at least 4 words"),
    Bad("zeros", holds(b"\0" * 1000), "expected"),
]


@pytest.mark.parametrize("bad", SOURCES, ids=lambda bad: bad.name)
def test_a_source_that_is_none_is_told_with_the_line_that_names_it(bad: Bad, tmp_path: Path) -> None:
    bad.make(tmp_path / "source.txt")
    policy = tmp_path / "policy.yaml"
    policy.write_text(source("source.txt"))
    for said in (ended("policy", "check", policy), serve(tmp_path, policy)):
        assert bad.told in said
        assert f"{policy}:5" in said


def test_folders_that_link_to_one_another_are_walked_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "a").symlink_to(tmp_path / "a")
    policy = tmp_path / "policy.yaml"
    policy.write_text(source("**/*.jsonl", "questions"))
    assert "a pattern that matches a file" in ended("policy", "check", policy)


KEYS = [
    Bad("a folder", Path.mkdir, "expected a file with a key, found something else"),
    Bad("a pipe", os.mkfifo, "expected a file with a key, found something else"),
    Bad("a device", device, "expected a file with a key, found something else"),
    Bad("a link to itself", loop, "expected a file with a key, found something else"),
    Bad("empty", holds(b""), "expected a key of at least 16 bytes, got 0"),
    Bad("binary", holds(bytes(range(256))), "expected a key in hexadecimal or base64"),
    Bad("a gigabyte of nothing", sparse, "expected a key in hexadecimal or base64"),
    Bad("a text", holds(b"swordfish of Alden Crane"), "expected a key in hexadecimal or base64"),
    Bad("short", holds(b"00ff00ff"), "expected a key of at least 16 bytes, got 4"),
]


@pytest.mark.parametrize("bad", KEYS, ids=lambda bad: bad.name)
def test_a_key_that_is_none_is_told_and_never_shown(
    bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNSAY_INDEX_KEY", raising=False)
    policy, key = tmp_path / "policy.yaml", tmp_path / "state" / "index.key"
    policy.write_text(GOOD)
    key.parent.mkdir()
    bad.make(key)
    if key.is_file() and stat.S_ISREG(key.stat().st_mode):
        key.chmod(0o600)
    for said in (
        serve(tmp_path, policy),
        ended("index", "build", policy, "--exact", "--out", tmp_path / "out", "--key", key),
    ):
        assert bad.told in said
        assert str(key) in said
        assert "swordfish" not in said


MANIFESTS = [*(bad for bad in FILES if bad.name not in ("missing", "empty")), Bad("empty", holds(b""), "")]


@pytest.mark.parametrize("bad", MANIFESTS, ids=lambda bad: bad.name)
def test_a_manifest_that_is_none_is_told(bad: Bad, tmp_path: Path) -> None:
    bad.make(tmp_path / "manifest.json")
    said = ended("index", "show", tmp_path)
    assert f"{tmp_path / 'manifest.json'}: not a manifest of format" in said
    assert "build it again" in said


STATES = [
    Bad("a file", holds(b""), "exists"),
    Bad("a pipe", os.mkfifo, "exists"),
    Bad("a link to itself", loop, ""),
]


@pytest.mark.parametrize("bad", STATES, ids=lambda bad: bad.name)
def test_a_folder_for_the_state_that_is_none_is_told(bad: Bad, tmp_path: Path) -> None:
    bad.make(tmp_path / "state")
    policy = tmp_path / "policy.yaml"
    policy.write_text(GOOD)
    assert str(tmp_path / "state") in serve(tmp_path, policy)


@pytest.mark.parametrize("option", [("--host", "0.0.0.0"), ("--port", "99999")])
def test_an_option_that_cannot_be_is_told_by_its_name(option: tuple[str, str], tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(GOOD)
    said = serve(tmp_path, policy, *option)
    assert f"listen.{option[0].removeprefix('--')}: expected" in said


@pytest.mark.parametrize(
    "address", ["nowhere", "http://app:swordfish@engine/v1", "http://engine/v1?key=swordfish"]
)
def test_an_address_that_is_none_is_told_and_its_key_is_not_shown(address: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(GOOD)
    said = ended("serve", "--policy", policy, "--upstream", address, "--state", tmp_path / "state")
    assert "upstream.base_url: expected" in said
    assert "swordfish" not in said


LOGS = ("missing", "a folder", "a pipe", "a device", "a link to itself")


@pytest.mark.parametrize("bad", [bad for bad in FILES if bad.name in LOGS], ids=lambda bad: bad.name)
def test_a_log_that_is_none_is_told(bad: Bad, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    bad.make(path)
    for command in ("verify", "show"):
        assert str(path) in ended("audit", command, path)
