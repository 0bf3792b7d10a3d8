"""The files that a policy refers to, read within limits.

Rules: `.txt` is one text, `.jsonl` one record a line, UTF-8 both; a pattern that matches no file is an
error; files come in the order of their names, so that the same folder always gives the same policy.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from policy.problem import Problem, shortened, shown_key
from policy.seen import Look, look, matching
from policy.yaml_tree import Json

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one policy may hold; beyond it, loading fails."""

    policy_bytes: int = 16 * MEBIBYTE
    file_bytes: int = 64 * MEBIBYTE
    total_bytes: int = 1024 * MEBIBYTE
    files: int = 100_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file. `name` is its path relative to the policy file."""

    path: Path
    name: str

    @property
    def shown(self) -> str:
        return _printable(str(self.path))

    @property
    def is_text(self) -> bool:
        return self.path.suffix.lower() == ".txt"


class SourceError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def _mistake(file: str, expected: str, got: str, line: int | None = None) -> SourceError:
    return SourceError(Problem(file, line, "", expected, got))


def read_text(path: Path, name: str, most: int) -> str:
    """The file's text; at most `most` bytes of it are ever read."""
    return decoded(read_bytes(path, name, most), name)


def read_bytes(path: Path, name: str, most: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise _mistake(name, "a file", "a folder" if path.is_dir() else "a device or a pipe")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise _mistake(name, "a readable file", _reason(error)) from error
    if len(data) > most:
        raise _mistake(name, f"at most {most:,} bytes", "more")
    return data


def decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _mistake(name, "UTF-8", f"the byte 0x{data[error.start]:02x}", line) from error


def _reason(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "no such file"
        case OSError():
            return f"an error: {error.strerror}"
        case _:
            return "a path that can't be one"


def rows_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers. Only line feeds end a line."""
    return ((line, row) for line, row in enumerate(text.split("\n"), 1) if row.strip())


def parse_row(row: str, name: str, line: int) -> Json:
    """The JSON value on one line of a `.jsonl` file."""
    try:
        value: Json = json.loads(row, object_pairs_hook=_without_duplicates)
        if "\\ud" in row.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _mistake(name, "one JSON value a line", f"{error.msg} at column {error.colno}", line) from error
    except _DuplicateKeyError as error:
        raise _mistake(name, "every key once", f"the key {shown_key(error.key)} again", line) from error
    except UnicodeEncodeError as error:
        raise _mistake(name, "Unicode text", "a lone surrogate", line) from error
    except (ValueError, RecursionError) as error:
        raise _mistake(name, "one JSON value a line", "one too deep or too long", line) from error
    return value


class _DuplicateKeyError(Exception):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def _without_duplicates(pairs: list[tuple[str, Json]]) -> Json:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(key)
        found[key] = value
    return found


def _printable(name: str) -> str:
    """The name as Unicode, whatever bytes the file system holds."""
    return name.encode("utf-8", "replace").decode()


class Sources:
    """Finds and reads the files of one policy, and counts what it has read."""

    def __init__(self, folder: Path | None, limits: Limits, seen: dict[str, Mapping[str, Look]]) -> None:
        """Without a folder there are none: who asks from afar has no files here."""
        self._folder = folder
        self._limits = limits
        self._seen = seen
        self._files = 0
        self._bytes = 0
        self._read = sha256()

    @property
    def digest(self) -> str:
        """Of the names and the bytes of all that was read, in the order in which it was."""
        return self._read.hexdigest()

    @property
    def most(self) -> int:
        """So many bytes a file may have."""
        return self._limits.file_bytes

    def root(self, path: Path, shown: str) -> str:
        """The text of the file that names all others. Its own name does not matter."""
        return decoded(self._taken(path, "", shown, self._limits.policy_bytes), shown)

    def find(self, pattern: str, suffixes: tuple[str, ...]) -> list[Source]:
        """The files that the pattern matches, by name."""
        folder = self._folder
        if folder is None:
            raise _mistake("", "the text itself", "a file, and none can be read here")
        names = self._matching(folder, pattern)
        self._seen[pattern] = {name: look(folder / name) for name in names}
        if not names:
            raise _mistake(
                "", "a pattern that matches a file", f"{shortened(pattern, 80)}, which matches none"
            )
        self._files += len(names)
        if self._files > self._limits.files:
            raise _mistake("", f"at most {self._limits.files:,} files in all", "more")
        for name in names:
            if Path(name).suffix.lower() not in suffixes:
                raise _mistake("", f"files that end in {' or '.join(suffixes)}", shortened(name, 80))
        return [Source(folder / name, _printable(Path(name).as_posix())) for name in names]

    def _matching(self, folder: Path, pattern: str) -> list[str]:
        try:
            return matching(folder, pattern, self._limits.files)
        except (OSError, ValueError, RecursionError) as error:
            raise _mistake("", "a path or a glob", shortened(pattern, 80)) from error

    def text(self, source: Source) -> str:
        left = self._limits.total_bytes - self._bytes
        most = min(self._limits.file_bytes, left)
        data = self._taken(source.path, source.name, source.shown, most)
        self._bytes += len(data)
        return decoded(data, source.shown)

    def _taken(self, path: Path, name: str, shown: str, most: int) -> bytes:
        data = read_bytes(path, shown, most)
        self._read.update(f"{len(name.encode())} {name} {len(data)} ".encode())
        self._read.update(data)
        return data
