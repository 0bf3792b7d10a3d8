"""The lines of a log that may be growing while it is read.

Rule: where the log ends is looked up under the lock, so a line that is being written is never seen as torn.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.audit.lock import locked
from index.chain import LINE_BYTES

BUFFER_BYTES = 1 << 18


def lines_of(path: Path) -> Iterator[bytes]:
    """Each line with its line end; without one where a crash tore it. What is too long comes in parts."""
    if path.exists() and not path.is_file():
        # A device never ends, and a pipe waits for somebody to write.
        raise OSError(f"{path}: expected a file, found something else")
    with path.open("rb", buffering=BUFFER_BYTES) as file:
        with locked(file.fileno(), shared=True):
            left = os.fstat(file.fileno()).st_size
        while left > 0 and (line := file.readline(min(left, LINE_BYTES))):
            left -= len(line)
            yield line
