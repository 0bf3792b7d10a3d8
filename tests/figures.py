"""What a run measured: printed, and kept with its commit where `make check-long` asks for it."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

UNKNOWN = "unknown"


@dataclass(slots=True)
class Figures:
    """Named figures of one test file, in the order in which they were measured."""

    name: str
    rows: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, found: object) -> None:
        self.rows[what] = str(found)
        print(f"{what}: {found}")

    def save(self) -> None:
        """Write the rows below UNSAY_RESULTS, if that is set."""
        folder = os.environ.get("UNSAY_RESULTS")
        if folder and self.rows:
            path = Path(folder) / f"{self.name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self._record(), indent=2) + "\n")

    def _record(self) -> dict[str, object]:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return {"commit": commit(), "made": made, "figures": self.rows}


def commit() -> str:
    """The commit that is checked out, with a plus when other files than results differ."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/results")
    return (_git("rev-parse", "--short=12", "HEAD") or UNKNOWN) + ("+" if changed else "")


def _git(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return run.stdout.strip()
