"""The password of a database in a file of its own, in the form that PostgreSQL's own programs read.

Rules: the file is `PGPASSFILE`, or `.pgpass` at home. Of its lines `host:port:database:user:password`
the first that fits counts; `*` fits all. A file that others may read is passed over.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LARGEST: Final = 1 << 20
_FIELD: Final = re.compile(r"((?:\\.|[^:\\])*)(?::|$)", re.DOTALL)


def password_for(
    host: str, port: int, database: str, user: str, environment: Mapping[str, str] = os.environ
) -> str | None:
    wanted = ("localhost" if host.startswith("/") else host, str(port), database, user)
    for line in _lines(Path(environment.get("PGPASSFILE") or Path.home() / ".pgpass")):
        *place, password = _fields(line)
        if len(place) == len(wanted) and all(
            said in ("*", one) for said, one in zip(place, wanted, strict=True)
        ):
            return password
    return None


def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                return []
            text = opened.read(LARGEST).decode()
    except (OSError, ValueError):
        return []
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _fields(line: str) -> list[str]:
    """A colon or a backslash within a field has a backslash before it."""
    found = [re.sub(r"\\(.)", r"\1", one) for one in _FIELD.findall(line)]
    return found[:5]
