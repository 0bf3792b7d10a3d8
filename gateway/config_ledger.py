"""Where the ledger of forget requests is, and what a gateway does that cannot reach it."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import Field, field_validator

from gateway.config_part import Part
from policy.problem import wrong
from policy.signing_key import PublicKey, SigningKeyError

DAY_S: Final = 86_400
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"


class Unreachable(StrEnum):
    KEEP = "keep"
    CLOSED = "closed"


class LedgerAddress(Part):
    """The ledger of forget requests (`unsay forget`): what is enforced there is withheld here.

    The gateway follows it: it reads, and reports which records are in force in it; it cannot change a record.
    """

    path: Path | None = Field(
        default=None,
        description="An SQLite file; relative to this file. Empty: `ledger.sqlite` beside the log.",
    )
    url: str | None = Field(
        default=None,
        description="Instead of a file: `postgresql://user@host/database` (the password in PGPASSWORD or "
        "PGPASSFILE).",
    )
    poll_s: float = Field(
        default=0.5,
        gt=0,
        le=DAY_S,
        description="Longest wait before the ledger is looked at again. What it announces is read at once.",
    )
    on_unreachable: Unreachable = Field(
        default=Unreachable.KEEP,
        description="What happens after `most_stale_s` without the ledger, and at a start without it: keep "
        "goes on with what was in force last, and /readyz says so; closed answers nothing, and starts not.",
    )
    most_stale_s: float = Field(
        default=60, gt=0, le=DAY_S, description="So long without the ledger, and it counts as unreachable."
    )
    trusted: tuple[str, ...] = Field(
        default=(),
        description="Public keys (`ed25519:...`) whose signatures on its records count. Empty: that of who "
        "began it.",
    )
    replica: str | None = Field(
        default=None,
        pattern=rf"^{_NAME}$",
        description="What this gateway is called in the ledger. Empty: its host's name and port.",
    )

    @field_validator("trusted")
    @classmethod
    def _public(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            try:
                PublicKey.parse(key)
            except SigningKeyError:
                raise wrong("public keys like ed25519:...", got="another") from None
        return keys

    @field_validator("url")
    @classmethod
    def _postgres(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not re.fullmatch(r"postgres(ql)?://[^\s]+", url):
            raise wrong("an address like postgresql://user@host/database", got="another")
        if re.match(r"[^@/?]*:[^@/?]*@", url.partition("://")[2]) or "password=" in url:
            raise wrong("an address without a password", "Put it into PGPASSWORD or PGPASSFILE", "one")
        return url

    @property
    def address(self) -> Path | str:
        """Where it is, once paths are absolute."""
        assert self.url is not None or self.path is not None
        return self.url or self.path or Path()

    def below(self, folder: Path, log: Path) -> Self:
        """The same with its path made absolute."""
        path = folder / self.path if self.path else log.with_name("ledger.sqlite")
        return self.model_copy(update={"path": path})
