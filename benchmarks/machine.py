"""The machine of a measurement, by what it is and never by where it is."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    cores: int
    processor: str
    python: str
    system: str


def this_machine() -> Machine:
    return Machine(os.cpu_count() or 0, _processor(), platform.python_version(), platform.system())


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown processor")
