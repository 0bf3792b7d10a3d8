"""What the image of the gateway runs, run where nothing else is: installing, preparing, serving."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from unsay.engine import free_port
from unsay.serving import demo_model

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "deploy" / "docker"
POLICY = """\
version: 1
entries:
  - id: erasure-1
    names: ["Alden Crane"]
    secrets: ["555-201-3391"]
detectors: {semantic: null}
"""
KEY = "ab" * 32


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment of the source as it stands in a checkout."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("opt") / "unsay"
    archive = subprocess.run(("git", "archive", "HEAD"), cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(("tar", "-x", "-C", source), input=archive, check=True)
    command = (DOCKER / "install.sh", target, "steering")
    subprocess.run(
        command, cwd=source, env={**clean(Path("/usr")), "PYTHON": sys.executable}, check=True, timeout=900
    )
    return target


def clean(environment: Path) -> dict[str, str]:
    """Of this machine only where packages come from."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    return {
        **kept,
        "PATH": f"{environment / 'bin'}:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "UNSAY_INDEX_KEY": KEY,
    }


@contextmanager
def serving(installed: Path, folder: Path, port: int, *command: str) -> Iterator[str]:
    with subprocess.Popen(
        ("unsay", *command), cwd=folder, env=clean(installed), executable=installed / "bin" / "unsay"
    ) as process:
        try:
            deadline = time.monotonic() + 120
            while not answers(f"http://127.0.0.1:{port}/healthz"):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def prepared(environment: Path, folder: Path) -> set[str]:
    """What stands where the engine looks, once the image's script has run."""
    (folder / "policy.yaml").write_text(POLICY)
    command = (DOCKER / "prepare.sh", "policy.yaml", demo_model(), "snapshot", "steering")
    subprocess.run(command, cwd=folder, env=clean(environment), check=True, timeout=300)
    return {path.parent.name for path in (folder / "steering").glob("*/manifest.json")}


def test_what_the_engine_steers_by_is_made(tmp_path: Path) -> None:
    assert prepared(Path(sys.prefix), tmp_path) == {"artefact", "divergence"}


@pytest.mark.long
def test_it_is_made_where_nothing_else_is_installed(installed: Path, tmp_path: Path) -> None:
    assert prepared(installed, tmp_path) == {"artefact", "divergence"}


@pytest.mark.long
def test_gateway_and_admin_api_start_as_in_their_images(installed: Path, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "unsay.yaml").write_text(
        f"listen: {{port: {ports[0]}}}\nadmin: {{port: {ports[1]}}}\nledger: {{path: ledger.sqlite}}\n"
        "policy: policy.yaml\nsnapshot: snapshot\naudit: {path: audit.jsonl}\n"
    )
    common = ("--config", "unsay.yaml", "--state", "state")
    with (
        serving(installed, tmp_path, ports[1], "admin", "serve", *common) as admin,
        serving(installed, tmp_path, ports[0], "serve", *common) as gateway,
    ):
        assert answers(f"{admin}/readyz")
        assert answers(f"{gateway}/healthz")
