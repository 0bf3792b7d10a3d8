"""How the plug-in inside the engine is set: one JSON file, named by UNSAY_STEERING.

Rules: without it the engine does not start; what the file does not know is refused; it holds paths, never a
key and nothing that is forgotten.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.key import VARIABLE as KEY_VARIABLE
from index.key import key_from_environment, load_or_create_key

VARIABLE = "UNSAY_STEERING"
LONGEST = 65_536


class SettingsError(ValueError):
    """The plug-in cannot be set up; the message says what was expected, and where."""


class Settings(BaseModel):
    """`key` is a file; without one the key stands in UNSAY_INDEX_KEY."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    artefact: Path = Field(description="The folder that `unsay steer build` made.")
    key: Path | None = None
    tokenizer: Path | None = Field(default=None, description="The model's folder; empty: the engine's own.")
    divergence: Path | None = Field(default=None, description="The folder that `unsay steer train` made.")
    require: bool = Field(default=False, description="Refuse requests without a directive.")

    def read_key(self) -> bytes:
        key = self._key_file() if self.key is not None else key_from_environment()
        if key is None:
            raise SettingsError(
                f"expected a key in {KEY_VARIABLE} or in the file that `key` names, found none"
            )
        return key

    def _key_file(self) -> bytes:
        assert self.key is not None
        if not self.key.is_file():
            raise SettingsError(f"{self.key}: expected the key file, found none")
        return load_or_create_key(self.key)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    path = Path(environment.get(VARIABLE) or "")
    if not path.is_file():
        raise SettingsError(f"{VARIABLE}: expected the plug-in's settings file, found none")
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise SettingsError(f"{path}: expected at most {LONGEST} bytes")
    try:
        return Settings.model_validate_json(data)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()
        )
        raise SettingsError(f"{path}: {found}") from None
