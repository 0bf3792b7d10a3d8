"""Where a report comes from: when, by what command, and of which code."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Origin:
    command: str
    made: str
    version: str
    commit: str | None

    @classmethod
    def of(cls, command: str) -> Self:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(command, made, version("unsay"), _commit())

    def __str__(self) -> str:
        commit = f", commit {self.commit}" if self.commit else ""
        return f"Made by `{self.command}` with Unsay {self.version}{commit}, {self.made}."


def _commit() -> str | None:
    """Of the checkout that this code runs from, if it does; a plus when files differ."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    name = _git(root, "rev-parse", "--short=12", "HEAD")
    differs = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/results")
    return f"{name}{'+' if differs else ''}" if name else None


def _git(root: Path, *arguments: str) -> str:
    try:
        run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout.strip()
