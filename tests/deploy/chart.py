"""The chart as Helm renders it, kept beside the tests, most of which run without its engine.

    python -m tests.deploy.chart        after a change of the chart or of values.yaml

Rule: it names what it was rendered from by a digest, so that a chart changed without it is noticed.
"""

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


def values() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load(VALUES.read_text())
    return given


def render(given: dict[str, Any]) -> str:
    """By Helm's own engine, without a cluster. Raises its error where something must be given."""
    from helm_python import Chart

    manifests: dict[str, str] = Chart.load(str(CHART)).render(given, name="unsay", namespace="default")
    written = (f"---\n# Source: {path}\n{text.strip()}\n" for path, text in sorted(manifests.items()))
    return "".join(one for one in written if not one.endswith(".tpl\n\n"))


def documents() -> list[dict[str, Any]]:
    return [one for one in yaml.load_all(RENDERED.read_text(), yaml.CSafeLoader) if one]


if __name__ == "__main__":
    RENDERED.write_text(f"# Of {digest()}\n{render(values())}")
