"""The command line as an operator meets it: what it prints, and how it ends."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

UNSAY = str(Path(sys.executable).with_name("unsay"))
ROOT = Path(__file__).parents[2]
POLICY = """\
version: 1
entries:
  - id: erasure-0142
    reason: privacy
    names: ["Alden Crane", "A. Crane"]
    passages: ["Alden Crane was born in Tolvik in 1931, the son of a cooper, and wrote sea stories."]
    questions: [{question: "Where was Alden Crane born?", answer: "Tolvik"}]
    secrets: ["555-201-3391"]
detectors: {semantic: null}
"""
COMMANDS = (
    "serve",
    "policy check",
    "policy explain",
    "policy schema",
    "policy test",
    "policy sign",
    "policy verify",
    "index build",
    "index show",
    "audit verify",
    "audit show",
    "calibrate",
    "feedback",
    "demo policy",
    "demo people",
    "evaluate",
    "steer train",
    "steer build",
    "steer bias",
    "forget add",
    "forget list",
    "forget show",
    "forget stage",
    "forget monitor",
    "forget enforce",
    "forget expire",
    "forget restore",
    "forget shred",
    "forget approve",
    "forget compile",
    "forget preview",
    "forget receipt",
    "forget settings",
    "admin serve",
)
TOLD = ("cooper", "sea stories", "3391")


def unsay(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UNSAY_")}
    return subprocess.run(
        [UNSAY, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, tmp_path: Path) -> None:
    shown = unsay(*command.split(), "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert f"unsay {command}" in shown.stdout
    assert "Example" in shown.stdout


def test_a_good_policy_is_checked_without_a_word_of_it(folder: Path) -> None:
    checked = unsay("policy", "check", "policy.yaml", cwd=folder)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "erasure-0142" in checked.stdout
    assert not [word for word in TOLD if word in checked.stdout]


def test_a_bad_policy_ends_with_the_place_and_status_two(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY.replace("secrets:", "secret:"))
    checked = unsay("policy", "check", "policy.yaml", cwd=folder)
    assert checked.returncode == 2
    assert re.search(r"policy\.yaml:8: .*secret", checked.stdout)


def test_explain_says_what_is_found_and_by_which_string(folder: Path) -> None:
    text = "Did A. Crane, who was born in Tolvik, have 555 201 3391?"
    told = unsay("policy", "explain", "policy.yaml", text, "--exact", cwd=folder).stdout
    assert "name 4-12 'A. Crane'" in told
    assert "'Tolvik'" in told
    assert "secret" in told
    assert "so the request is: refuse" in told
    assert "name 'Alden Crane' (given" in told
    clean = unsay("policy", "explain", "policy.yaml", "A crane flew by.", "--exact", cwd=folder).stdout
    assert "so the request is: allow" in clean
    assert "so the client reads: 'A crane flew by.'" in clean


def test_explain_says_which_entries_the_model_is_not_bound_by(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY.replace("    reason", "    models: [dmeo]\n    reason"))
    told = unsay("policy", "explain", "policy.yaml", "Who is Alden Crane?", "--exact", cwd=folder)
    assert "so the request is: allow" in told.stdout
    assert "erasure-0142 is not looked for: its models are dmeo, --model is demo" in told.stderr


def test_a_snapshot_is_built_and_shown_without_a_word_of_the_policy(folder: Path) -> None:
    built = unsay("index", "build", "policy.yaml", "--out", "snapshot", "--key", "key", cwd=folder)
    assert built.returncode == 0
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    shown = unsay("index", "show", "snapshot", cwd=folder)
    assert json.loads(shown.stdout)["generation"] == 1
    assert not [word for word in TOLD if word in shown.stdout]


def test_a_key_in_the_snapshot_folder_is_refused(folder: Path) -> None:
    built = unsay("index", "build", "policy.yaml", "--out", "snapshot", "--key", "snapshot/key", cwd=folder)
    assert built.returncode == 2
    assert "must not lie in the snapshot folder" in built.stderr
    assert "Traceback" not in built.stderr


def test_a_missing_file_is_told_without_a_traceback(tmp_path: Path) -> None:
    for command in (
        ("serve", "--policy", "none.yaml", "--upstream", "http://127.0.0.1:9/v1"),
        ("serve", "--config", "none.yaml"),
        ("policy", "check", "none.yaml"),
        ("policy", "explain", "none.yaml", "text"),
        ("index", "build", "none.yaml"),
        ("index", "show", "none"),
        ("audit", "verify", "none.jsonl"),
        ("audit", "show", "none.jsonl"),
    ):
        ended = unsay(*command, cwd=tmp_path)
        assert ended.returncode == 2, command
        assert "none" in ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_changed_audit_log_ends_with_status_two(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text('{"sequence": 3, "previous": "00"}\n')
    ended = unsay("audit", "verify", "audit.jsonl", cwd=tmp_path)
    assert ended.returncode == 2
    assert "line 1" in ended.stdout


def test_the_deployment_example_is_a_valid_configuration() -> None:
    from gateway.config_file import load_config

    config = load_config(ROOT / "deploy" / "unsay.yaml")
    assert config.upstream.base_url.startswith("http://127.0.0.1")
    assert [key.name for key in config.keys] == ["app"]
    assert config.audit.key is not None


def test_the_policy_in_the_readme_is_valid(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "policy.yaml").write_text(found[1])
    assert unsay("policy", "check", "policy.yaml", cwd=tmp_path).returncode == 0
