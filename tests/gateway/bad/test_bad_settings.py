"""`unsay.yaml` broken in every way: told with file, line, field, expected and found, and never with a key.

Every setting of the model is tried, so a new one is tried without a change here.
"""

import json
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.config import Config
from gateway.config_file import HIDDEN, ConfigError, load_config
from tests.laws import CASES

PLANTED = "Alden Crane"
VALUES: dict[str, Any] = {
    "null": None,
    "a boolean": True,
    "a number": 7,
    "a fraction": 0.5,
    "a huge number": 10**30,
    # So long that it is read as a text.
    "a number without end": 10**400,
    "a number beyond all": "1e400",
    "less than nothing": -1,
    "a text": PLANTED,
    "a text with NUL": "Alden\0Crane",
    "an empty text": "",
    "a list": [PLANTED],
    "an empty list": [],
    "a list of lists": [[PLANTED]],
    "a mapping": {PLANTED: PLANTED},
    "a deep mapping": {"a": {"a": {"a": [PLANTED]}}},
}
NUMBERS = {"a number", "a fraction", "a huge number", "less than nothing"}
TEXTS = {"a text", "a text with NUL", "an empty text", "a number beyond all", "a number without end"}
MAYBE: dict[Any, set[str]] = {
    int: {"a number", "a huge number"},
    float: NUMBERS,
    str: TEXTS,
    bool: {"a boolean"},
    Path: TEXTS,
    dict: {"a mapping"},
    tuple: {"an empty list"},
    type(None): {"null"},
}


def kinds(annotation: Any) -> set[str]:
    """The values that a setting of this type may take, as far as its type says."""
    if get_origin(annotation) in (Union, UnionType):
        return set[str]().union(*map(kinds, get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return set()
    if get_origin(annotation) is tuple and texts(get_args(annotation)[0]):
        return {"an empty list", "a list"}
    return MAYBE.get(get_origin(annotation) or annotation, set())


def texts(annotation: Any) -> bool:
    """Whether it is text, of any length or of some."""
    return annotation is str or (get_origin(annotation) is Annotated and texts(get_args(annotation)[0]))


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, field in model.model_fields.items():
        yield (*path, name), field.annotation
        inner = [field.annotation, *get_args(field.annotation)]
        for one in inner:
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from fields(one, (*path, name))


ALL = list(fields(Config))


def nested(path: tuple[str, ...], value: Any) -> Any:
    """The settings with a value at a path; `keys` is a list of one."""
    for depth, step in reversed(list(enumerate(path, 1))):
        value = {step: [value] if step == "keys" and depth < len(path) else value}
    return value


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "unsay.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def outcome(path: Path) -> Config | ConfigError:
    """What reading it ends in; anything else escapes and fails the test."""
    try:
        return load_config(path)
    except ConfigError as error:
        return error


def in_shape(error: ConfigError, path: Path) -> bool:
    """Whether it names the file, and for every problem what was expected and what was found."""
    told = [problem.expected and problem.got for problem in error.problems]
    return str(error).startswith(str(path)) and bool(told) and all(told)


def refused(path: Path) -> ConfigError:
    found = outcome(path)
    assert isinstance(found, ConfigError)
    assert in_shape(found, path)
    return found


@pytest.mark.parametrize(("path", "annotation"), ALL, ids=[".".join(path) for path, _ in ALL])
def test_a_value_of_the_wrong_kind_is_told(path: tuple[str, ...], annotation: Any, tmp_path: Path) -> None:
    for kind in VALUES.keys() - kinds(annotation):
        told = refused(written(tmp_path, json.dumps(nested(path, VALUES[kind]))))
        assert any(path[-1] in problem.field for problem in told.problems), (kind, str(told))
        assert not (PLANTED in str(told) and path[-1] in HIDDEN)


@pytest.mark.parametrize(("path", "annotation"), ALL, ids=[".".join(path) for path, _ in ALL])
def test_a_value_of_the_right_kind_is_taken_or_is_told_as_the_others(
    path: tuple[str, ...], annotation: Any, tmp_path: Path
) -> None:
    for kind in kinds(annotation):
        file = written(tmp_path, json.dumps(nested(path, VALUES[kind])))
        found = outcome(file)
        assert isinstance(found, Config) or in_shape(found, file)


@pytest.mark.parametrize(("path", "annotation"), ALL, ids=[".".join(path) for path, _ in ALL])
def test_a_setting_nobody_knows_is_told_by_its_line(
    path: tuple[str, ...], annotation: Any, tmp_path: Path
) -> None:
    lines = "".join("  " * depth + f"{step}:\n" for depth, step in enumerate(path[:-1]))
    inner = "  " * (len(path) - 1)
    if "keys" not in path[:-1]:
        told = refused(written(tmp_path, f"{lines}{inner}{path[-1]}_x: hush\n"))
        problem = next(one for one in told.problems if one.line == len(path))
        assert problem.field.endswith(f"{path[-1]}_x")
        assert "hush" not in str(told)


def test_every_setting_has_a_wrong_kind() -> None:
    assert len(ALL) > 40
    assert all(VALUES.keys() - kinds(annotation) for _, annotation in ALL)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)
)
TEXTS_BROKEN: dict[str, tuple[str | bytes, str]] = {
    "binary": (bytes(range(256)), "expected UTF-8, got the byte 0x80"),
    "zeros": (b"\0" * 1000, "expected printable text"),
    "Latin-1": ("policy: Zoë".encode("latin-1"), "expected UTF-8"),
    "UTF-16": ("policy: a\n".encode("utf-16"), "expected UTF-8"),
    "a bomb of references": (BOMB, "expected plain YAML data, got an anchor"),
    "a reference to itself": ("models: &a {a: *a}\n", "got an anchor"),
    "a merge": ("limits: {<<: {choices: 1}}\n", "got the key of 2 characters"),
    "an object of Python": ("models: !!python/object/apply:os.system [id]\n", "got a tag"),
    "a tag of its own": ("models: !secret x\n", "got a tag"),
    "a key twice": (
        "limits:\n  choices: 1\n  choices: 2\n",
        "expected every key once, got the key 'choices' again",
    ),
    "two documents": ("refusal: answer\n---\nrefusal: error\n", "expected one YAML document"),
    "deep lists": ("a: " + "[" * 100_000, "expected at most 16 levels of nesting, got more"),
    "deep mappings": ("a: " + "{a: " * 50_000, "expected at most 16 levels of nesting, got more"),
    "a mapping as a key": ("? {a: b}\n: c\n", "expected a key that is text"),
    "an empty setting": ("limits:\n", "limits: expected a value, got nothing"),
    "half a surrogate": ('policy: "\\ud800"\n', "expected"),
    "a character that is none": ('policy: "\\UFFFFFFFF"\n', "expected valid YAML"),
    "a number of 5,000 digits": (f"listen: {{port: {'9' * 5000}}}\n", "expected a whole number"),
    "a day that is none": ("policy: 2026-13-45\nlisten: 1\n", "listen: expected a mapping"),
    "too large": ("#" * (2**20 + 1), "expected at most 1,048,576 bytes, got more"),
    "a text": ("Alden Crane", "expected a mapping, got 'Alden Crane'"),
    "a page": ("<html>", "expected a mapping"),
    "JSON cut short": ('{"limits": {"choices": 1}', "expected valid YAML, got a syntax error"),
}


@pytest.mark.parametrize("what", TEXTS_BROKEN)
def test_a_file_that_holds_no_settings_is_told(what: str, tmp_path: Path) -> None:
    text, told = TEXTS_BROKEN[what]
    assert told in str(refused(written(tmp_path, text)))


def test_what_is_no_file_of_text_is_told_at_once(tmp_path: Path) -> None:
    """None of them is read: a device never ends, and a pipe waits for somebody to write."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(2**30)
    assert "a folder" in str(refused(tmp_path))
    assert "a device or a pipe" in str(refused(Path("/dev/zero")))
    assert "a device or a pipe" in str(refused(tmp_path / "pipe"))
    assert "got an error: Too many levels" in str(refused(tmp_path / "loop"))
    assert "got more" in str(refused(tmp_path / "sparse"))
    assert "no such file" in str(refused(tmp_path / "none"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "{}")
    path.chmod(0)
    assert "got an error: Permission denied" in str(refused(path))


names = st.sampled_from([*(path[-1] for path, _ in ALL), "x", ""])
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.law
@settings(max_examples=CASES // 5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees.map(json.dumps).map(str.encode) | st.binary(max_size=99))
def test_any_file_is_read_or_told(tmp_path: Path, raw: bytes) -> None:
    found = outcome(file := written(tmp_path, raw))
    assert isinstance(found, Config) or in_shape(found, file)


SECRET = "sk-0123456789abcdef"
KEYS_BROKEN = {
    "a key for its hash": f"keys: [{{name: app, sha256: {SECRET}}}]",
    "a key for its other hash": f"keys: [{{name: app, blake2b: {SECRET}}}]",
    "a key in a list": f"keys: [{{name: app, sha256: [{SECRET}]}}]",
    "a key for a variable's name": f"upstream: {{api_key_env: {SECRET}}}",
    "a key in the address": f'upstream: {{base_url: "http://app:{SECRET}@engine/v1"}}',
    "a key in the query": f'upstream: {{base_url: "http://engine/v1?key={SECRET}"}}',
    "a key under a name of its own": f"upstream: {{api_key: {SECRET}}}",
    "a key among the keys": f"keys: [{SECRET}]",
    "a key in place of the keys": f"keys: {SECRET}",
    "a key in place of the model server": f"upstream: {SECRET}",
}


@pytest.mark.parametrize("what", KEYS_BROKEN)
def test_a_key_that_stands_in_the_wrong_place_is_not_shown(what: str, tmp_path: Path) -> None:
    assert SECRET not in str(refused(written(tmp_path, KEYS_BROKEN[what])))


@pytest.mark.parametrize("key", ["", " ", "a\nb", "Zoë", "a b"])
def test_a_key_of_the_model_server_that_no_header_can_hold_is_told(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_KEY", key)
    told = str(refused(written(tmp_path, "upstream: {api_key_env: ENGINE_KEY}")))
    assert "expected an environment variable that holds a key, got ENGINE_KEY, which does not" in told


ADDRESSES = [
    "http://",
    "ftp://h/v1",
    "http://h:99999/v1",
    "http://h:x/v1",
    "http://[::1/v1",
    "http://a..b/v1",
]
ADDRESSES += [
    "http://./v1",
    f"http://{'a' * 300}/v1",
    "http://xn--a/v1",
    "http://:80/v1",
    "http://a b/v1",
    "h/v1",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_none_is_told_at_the_start(address: str, tmp_path: Path) -> None:
    told = str(refused(written(tmp_path, json.dumps({"upstream": {"base_url": address}}))))
    assert "upstream.base_url: expected a URL like http://127.0.0.1:8000/v1" in told
