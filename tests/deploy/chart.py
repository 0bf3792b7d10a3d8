"""The chart as helm renders it, kept beside the tests, which run without helm.

    python -m tests.deploy.chart        after a change of the chart or of values.yaml

Rule: it names what it was rendered from by a digest, so that a chart changed without it is noticed.
"""

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "unsay"
VALUES = Path(__file__).with_name("values.yaml")
RENDERED = Path(__file__).with_name("rendered.yaml")


def digest() -> str:
    """Of all that helm reads."""
    found = sha256()
    for path in (*sorted(path for path in CHART.rglob("*") if path.is_file()), VALUES):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def render(*arguments: str) -> str:
    command = ("helm", "template", "unsay", str(CHART), "--kube-version", "1.33.0", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def documents() -> list[dict[str, Any]]:
    return [one for one in yaml.load_all(RENDERED.read_text(), yaml.CSafeLoader) if one]


if __name__ == "__main__":
    RENDERED.write_text(f"# Of {digest()}\n{render('--values', str(VALUES))}")
