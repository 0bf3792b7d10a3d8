"""A stray module with one of our names must not take our place."""

import subprocess
import sys
from pathlib import Path

import pytest

from unsay.origin import PACKAGES, OriginError, check_origin


def test_our_own_packages_are_accepted() -> None:
    check_origin()


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "unsay"])
def test_a_stray_module_of_the_same_name_is_refused(package: str, tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text("")
    code = "from unsay.origin import check_origin; check_origin()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert f"OriginError: package '{package}': expected it at" in run.stderr
    assert str(tmp_path / f"{package}.py") in run.stderr


def test_a_package_that_is_nowhere_is_refused() -> None:
    with pytest.raises(OriginError, match="no place"):
        check_origin(("no_such_package_of_ours",))
