"""The key comes from the environment or from a private file outside the snapshot, and from nowhere else."""

import base64
from pathlib import Path

import pytest

from index.key import IndexKeyError, key_from_environment, key_id, load_or_create_key, parse_key, subkey

KEY = bytes(range(32))


@pytest.mark.parametrize(
    "text",
    [KEY.hex(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode(), f"  {KEY.hex()}\n"],
)
def test_the_environment_gives_it_in_hexadecimal_or_base64(text: str) -> None:
    assert key_from_environment({"UNSAY_INDEX_KEY": text}) == KEY


@pytest.mark.parametrize("environment", [{}, {"UNSAY_INDEX_KEY": ""}, {"UNSAY_INDEX_KEY": " "}])
def test_no_key_is_none(environment: dict[str, str]) -> None:
    assert key_from_environment(environment) is None


@pytest.mark.parametrize(
    "text", ["secret!", "00" * 15, base64.b64encode(bytes(15)).decode(), "zz" * 20 + "?"]
)
def test_a_bad_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(IndexKeyError, match="UNSAY_INDEX_KEY: expected a key") as caught:
        parse_key(text, "UNSAY_INDEX_KEY")
    assert text not in str(caught.value)


def test_purposes_and_keys_have_keys_of_their_own() -> None:
    found = {
        subkey(key, purpose) for key in (KEY, KEY[:16], KEY * 3) for purpose in ("units", "base", "seal")
    }
    assert len(found) == 9
    assert len({key_id(KEY), key_id(KEY[:16]), key_id(KEY * 3)}) == 3


def test_a_missing_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "index.key"
    key = load_or_create_key(path, outside=tmp_path / "snapshot")
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_key(path) == key
    assert [found.name for found in path.parent.iterdir()] == ["index.key"]


def test_two_files_hold_two_keys(tmp_path: Path) -> None:
    assert load_or_create_key(tmp_path / "a") != load_or_create_key(tmp_path / "b")


@pytest.mark.parametrize("inside", ["index.key", "deep/er/index.key", "../snapshot/index.key"])
def test_a_key_inside_the_snapshot_folder_is_refused(tmp_path: Path, inside: str) -> None:
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    with pytest.raises(IndexKeyError, match="must not lie in the snapshot folder"):
        load_or_create_key(snapshot / inside, outside=snapshot)
    assert list(snapshot.iterdir()) == []


def test_a_link_into_the_snapshot_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "snapshot")
    with pytest.raises(IndexKeyError, match="must not lie in the snapshot folder"):
        load_or_create_key(tmp_path / "link" / "index.key", outside=tmp_path / "snapshot")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.key"
    load_or_create_key(path)
    path.chmod(0o640)
    with pytest.raises(IndexKeyError, match="chmod 600"):
        load_or_create_key(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.key"
    path.touch(mode=0o600)
    with pytest.raises(IndexKeyError, match=r"index\.key: expected a key of at least 16 bytes, got 0"):
        load_or_create_key(path)
