"""The house rules that a machine can hold: sizes, names, and where things may be."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from setuptools import Distribution

from unsay.origin import PACKAGES

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def lengths(path: Path) -> list[tuple[str, int]]:
    """Every function of a file with its lines, decorators and docstring left out."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", _body_lines(node))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    documented = ast.get_docstring(node) is not None
    docstring = node.body[0].end_lineno or 0 if documented else node.lineno
    opening = node.body[0].lineno if documented else node.lineno
    return (node.end_lineno or node.lineno) - node.lineno + 1 - (docstring - opening + 1 if documented else 0)


def test_functions_are_short() -> None:
    sizes = sorted(lines for path in sources(*PACKAGES) for _, lines in lengths(path))
    assert statistics.median(sizes) <= 8
    assert sizes[int(len(sizes) * 0.9)] <= 35


def test_no_function_is_over_eighty_lines() -> None:
    assert [name for path in sources(*PACKAGES, "tests") for name, lines in lengths(path) if lines > 80] == []


def test_files_are_small() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in sources(*PACKAGES)}
    assert statistics.median(sizes.values()) <= 200
    assert [path.name for path, lines in sizes.items() if lines > 500] == []


def test_every_package_ships_and_is_checked() -> None:
    """A package that a list forgets would be neither installed, nor typed, nor told from a stray one."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert found == set(PACKAGES)
    assert found == {
        name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert found == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert found | {"tests"} <= set(PROJECT["tool"]["mypy"]["files"])


def test_every_data_file_ships() -> None:
    """One that a list forgets is there in the working tree, and missing in what is installed from a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    build = Distribution({"script_name": "setup.py"})
    build.parse_config_files([str(ROOT / "pyproject.toml")])
    # What an earlier build listed is no part of a fresh one.
    build.include_package_data = False
    command = build.get_command_obj("build_py")
    command.ensure_finalized()
    shipped = {f"{source}/{name}" for _, source, _, names in command.data_files for name in names}
    assert {name for name in listed if not name.endswith(".py")} - shipped == set()
    assert "gateway/wire/chat/contract.yaml" in shipped


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_opens_with_what_it_is_for(package: str) -> None:
    bare = [path for path in sources(package) if not ast.get_docstring(ast.parse(path.read_text()))]
    assert bare == []


def test_a_fresh_installation_is_the_tested_one() -> None:
    """Also what the dependencies bring along has its version in the file that `make` installs with."""
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    found, waiting = set[str](), [*PROJECT["project"]["dependencies"], *chain(*extras.values())]
    while waiting:
        one = Requirement(waiting.pop())
        name = canonicalize_name(one.name)
        if name not in found and name != "unsay":
            found.add(name)
            waiting += _brought_along(name, one.extras)
    assert found - set(re.findall(r"(?m)^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text())) == set()


def _brought_along(name: str, extras: set[str]) -> list[str]:
    """What an installed distribution needs here."""
    needed = map(Requirement, distribution(name).requires or ())
    return [
        str(one)
        for one in needed
        if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in (*extras, ""))
    ]


def test_no_drawer_for_leftovers() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [path for path in sources(*PACKAGES, "tests") if path.name in drawers] == []


def test_the_project_names_no_machine() -> None:
    """Neither a path of the machine it was written on nor a host that is not the reader's own."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    machine = re.compile("|".join(("/" + "work/", "/" + "root/", "/home/[a-z]+/")))
    named = [name for name in listed.splitlines() if _reads(ROOT / name, machine)]
    assert named == []


def _reads(path: Path, pattern: re.Pattern[str]) -> bool:
    if not path.is_file() or path.stat().st_size > 400_000:
        return False
    return bool(pattern.search(path.read_text(errors="ignore")))
