"""Clients' keys, and what each may do.

Rule: a key is never written down, only its hash.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from pydantic import Field, field_validator, model_validator

from gateway.config_models import ModelName, ServedModel, served
from gateway.config_part import Part
from policy.problem import wrong


class HashedKey(Part):
    """A key, as its hash: `printf %s KEY | sha256sum`, or BLAKE2b with 32 bytes."""

    name: str = Field(description="Stands in the audit log and the metrics.")
    sha256: str | None = Field(default=None, description="SHA-256 of the key, in hex.")
    blake2b: str | None = Field(default=None, description="BLAKE2b-256 of the key, in hex.")

    @field_validator("name")
    @classmethod
    def _label(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
            raise wrong("1 to 64 letters, digits and . _ -, the first a letter or digit")
        return name

    @field_validator("sha256", "blake2b")
    @classmethod
    def _hash(cls, digits: str | None) -> str | None:
        if digits is not None and not re.fullmatch(r"[0-9a-f]{64}", digits):
            raise wrong(
                "64 hexadecimal digits in small letters", "A key is never written here, only its hash"
            )
        return digits

    @model_validator(mode="after")
    def _one_hash(self) -> Self:
        if (self.sha256 is None) == (self.blake2b is None):
            raise wrong("exactly one of sha256 and blake2b", got="none" if self.sha256 is None else "both")
        return self


class Key(HashedKey):
    """A client's key, as its hash: `printf %s KEY | sha256sum`, or BLAKE2b with 32 bytes."""

    operator: bool = Field(default=False, description="May read /metrics, which tells what was found.")
    checks: bool = Field(
        default=False,
        description="May ask /v1/checks, and LiteLLM's door where it is open: they tell plainly what is "
        "withheld, which answers do not. For servers that you run, not for people.",
    )
    requests_per_minute: float | None = Field(
        default=None, gt=0, description="Instead of `limits.requests_per_minute`, for this key."
    )
    requests_at_a_time: int | None = Field(
        default=None,
        ge=1,
        description="Most requests of this key at a time, over all workers, those that wait among them; more "
        "get 429. Empty: as many as there are places.",
    )
    tokens_per_day: float | None = Field(
        default=None,
        gt=0,
        description="Most tokens of this key in a day, of prompts and answers, as its clients are told them; "
        "then 429 until some are back. Empty: any number.",
    )
    models: tuple[ModelName, ...] | None = Field(
        default=None,
        min_length=1,
        description="Public names, aliases too, of the models it may ask for and is shown. Empty: all.",
    )


def check_keys(keys: Sequence[Key], models: Mapping[str, str | ServedModel]) -> None:
    """Raises where two have one name, and where one is allowed a model that there is not."""
    if len({key.name for key in keys}) != len(keys):
        raise wrong("every name once", got="one twice", at=("keys",))
    for place, key in enumerate(keys):
        _check_allowed(key.models or (), served(models), place)


def _check_allowed(allowed: Iterable[str], public: Mapping[str, ServedModel], key: int) -> None:
    """The key stands in this place. Without public names the model server's are, which may change."""
    for place, name in enumerate(allowed):
        if public and name not in public:
            raise wrong(f"one of the public names: {', '.join(public)}", at=("keys", key, "models", place))
