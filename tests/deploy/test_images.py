"""Images hold what is installed and nothing else, run as nobody, and start what we start ourselves."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from unsay.launch import PLUGIN

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "deploy" / "docker"
FILES = sorted(DOCKER.glob("*.Dockerfile"))
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def lines(file: Path) -> list[str]:
    return re.sub(r"\\\n\s*", " ", file.read_text()).splitlines()


def last(file: Path, instruction: str) -> str:
    return [line for line in lines(file) if line.startswith(f"{instruction} ")][-1].partition(" ")[2]


def test_there_is_one_for_the_gateway_and_one_for_the_engine() -> None:
    assert [file.name for file in FILES] == ["gateway.Dockerfile", "vllm.Dockerfile"]


@EACH
def test_hadolint_finds_nothing(file: Path) -> None:
    command = (Path(sys.executable).with_name("hadolint"), "--no-color", "--failure-threshold", "info", file)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


@EACH
def test_nobody_is_root_in_it(file: Path) -> None:
    assert last(file, "USER") == "10001:10001"


@EACH
def test_only_what_is_installed_goes_into_it(file: Path) -> None:
    ignored = file.with_name(f"{file.name}.dockerignore").read_text().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {
        name.removesuffix("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert kept - packages == {
        "LICENSE",
        "NOTICE",
        "README.md",
        "constraints.txt",
        "deploy/docker",
        "pyproject.toml",
    }
    assert packages <= kept, "a package that is not in the image is not installed there"


def test_the_engine_starts_as_our_own_does() -> None:
    command = json.loads(last(DOCKER / "vllm.Dockerfile", "ENTRYPOINT"))
    assert command[:4] == ["python3", "-P", "-m", "vllm.entrypoints.openai.api_server"]
    assert command[command.index("--logits-processors") + 1] == PLUGIN
    assert command[command.index("--logprobs-mode") + 1] == "processed_logprobs"
    assert "--disable-fastapi-docs" in command


def test_the_engine_is_of_the_version_that_is_tested() -> None:
    version = re.search(r"^VLLM_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version is not None
    assert f"ARG VLLM_IMAGE=vllm/vllm-openai:v{version[1]}" in lines(DOCKER / "vllm.Dockerfile")
