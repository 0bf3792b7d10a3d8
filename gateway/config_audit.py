"""Where the audit log is, and by which key it is signed."""

from pathlib import Path
from typing import Self

from pydantic import Field

from gateway.config_part import Part


class Audit(Part):
    path: Path = Field(default=Path("audit.jsonl"), description="The audit log; relative to this file.")
    sync_s: float = Field(
        default=0.05, gt=0, le=10, description="Longest time until a written line is on the disk."
    )
    key: Path | None = Field(
        default=None,
        description="A file with an Ed25519 key that signs the log once a second; made where there is none. "
        "Keep it where those who may change the log cannot read it. Empty: the log is chained, not signed.",
    )

    def below(self, folder: Path) -> Self:
        return self.model_copy(update={"path": folder / self.path, "key": self.key and folder / self.key})
