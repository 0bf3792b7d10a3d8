"""Units are what systemd understands, and leave their programs little that they do not use."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
EACH = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")


@pytest.fixture
def here(unit: Path, tmp_path: Path) -> Path:
    """The same, with a program that is here: whether it is there is asked, too."""
    copied = tmp_path / unit.name
    copied.write_text(
        re.sub(r"^(ExecStart(?:Pre)?=)\S+", rf"\1{shutil.which('true')}", unit.read_text(), flags=re.M)
    )
    return copied


def analyze(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(("systemd-analyze", *arguments), capture_output=True, text=True, timeout=60)


def test_there_are_units_for_all_that_runs() -> None:
    assert [unit.stem for unit in UNITS] == ["unsay-admin", "unsay-engine", "unsay"]


@SYSTEMD
@EACH
def test_systemd_understands_it(here: Path) -> None:
    done = analyze("verify", "--man=no", here)
    assert (done.returncode, done.stderr) == (0, "")


@SYSTEMD
@EACH
def test_little_is_open_to_it(here: Path) -> None:
    """In tenths of systemd's own measure, of 100."""
    done = analyze("security", "--offline=true", "--threshold=35", "--no-pager", here)
    assert done.returncode == 0, done.stdout


def test_the_engine_is_for_this_machine_alone() -> None:
    text = (FOLDER / "unsay-engine.service").read_text()
    assert "--host 127.0.0.1 " in text
    assert re.search(r"^IPAddressDeny=any\nIPAddressAllow=localhost$", text, re.MULTILINE)


@EACH
def test_secrets_stand_elsewhere_and_no_core_is_dumped(unit: Path) -> None:
    text = unit.read_text()
    assert "EnvironmentFile=/etc/unsay/" in text
    assert not re.search(r"^Environment=.*(KEY|PASSWORD)", text, re.MULTILINE)
    assert "LimitCORE=0" in text
