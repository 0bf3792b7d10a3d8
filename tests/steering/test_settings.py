"""The plug-in's settings are complete or refused, and hold no key."""

import json
from pathlib import Path
from typing import Any

import pytest

from index.key import IndexKeyError, load_or_create_key
from steering.settings import LONGEST, SettingsError, read_settings


def written(folder: Path, **fields: Any) -> dict[str, str]:
    path = folder / "steering.json"
    path.write_text(json.dumps(fields))
    return {"UNSAY_STEERING": str(path)}


def test_the_key_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path / "key")
    settings = read_settings(written(tmp_path, artefact="artefact", key=str(tmp_path / "key")))
    assert settings.read_key() == key
    assert (settings.artefact, settings.divergence, settings.require) == (Path("artefact"), None, False)


def test_a_key_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, artefact="artefact", key=str(tmp_path / "key")))
    with pytest.raises(SettingsError, match="expected the key file"):
        settings.read_key()
    assert not (tmp_path / "key").exists()


def test_without_a_file_the_key_stands_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(written(tmp_path, artefact="artefact"))
    monkeypatch.setenv("UNSAY_INDEX_KEY", "ab" * 32)
    assert settings.read_key() == b"\xab" * 32
    monkeypatch.setenv("UNSAY_INDEX_KEY", "short")
    with pytest.raises(IndexKeyError):
        settings.read_key()
    monkeypatch.delenv("UNSAY_INDEX_KEY")
    with pytest.raises(SettingsError, match="UNSAY_INDEX_KEY"):
        settings.read_key()


@pytest.mark.parametrize(
    "fields", [{}, {"artefact": 3}, {"artefact": "a", "kee": "b"}, {"artefact": "x" * LONGEST}], ids=range(4)
)
def test_what_is_not_known_or_too_large_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"steering\.json: "):
        read_settings(written(tmp_path, **fields))


def test_without_settings_there_is_no_steering(tmp_path: Path) -> None:
    for environment in ({}, {"UNSAY_STEERING": str(tmp_path / "none")}):
        with pytest.raises(SettingsError, match="UNSAY_STEERING"):
            read_settings(environment)
