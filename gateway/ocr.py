"""The words in a picture, read by a program such as tesseract.

Rules: the program gets the picture and nothing else, no file and no environment of ours, and little memory
and time. One that it cannot read to its end is an error: it may show what must be scanned.
"""

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

# More words than any page holds, and more memory than any page takes.
LIMITS = {resource.RLIMIT_AS: 2**30, resource.RLIMIT_FSIZE: 262_144}
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "OMP_THREAD_LIMIT": "1"}


class UnreadableError(ValueError):
    """Says nothing of the picture."""


@dataclass(frozen=True, slots=True)
class Ocr:
    """`command` reads a picture from its standard input, and writes its words to its standard output."""

    command: Sequence[str]

    def words(self, picture: bytes, timeout_s: float) -> str:
        with tempfile.TemporaryFile() as said:
            try:
                self._read(picture, said, timeout_s)
            except (subprocess.SubprocessError, OSError):
                raise UnreadableError from None
            said.seek(0)
            return said.read().decode("utf-8", "replace")

    def _read(self, picture: bytes, said: IO[bytes], timeout_s: float) -> None:
        with subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
        ) as process:
            try:
                # It waits for the picture, so nothing was taken yet.
                for limit, most in LIMITS.items():
                    resource.prlimit(process.pid, limit, (most, most))
                process.communicate(picture, max(0.0, timeout_s))
            finally:
                process.kill()
        if process.returncode:
            raise subprocess.SubprocessError
