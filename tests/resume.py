"""Lets a long run go on where it stopped: what passed at this commit, with no file changed, is not run again.

A pytest plug-in: `python -m pytest -p tests.resume --resume docs/results/check-long.jsonl`. The file is also
the record of the run: a line for each test, with its outcome, its seconds and the commit.
"""

import json
from pathlib import Path

import pytest

from tests.figures import UNKNOWN, commit


class Progress:
    """The outcomes so far, in a file that holds those of one commit only."""

    def __init__(self, path: Path, commit: str) -> None:
        self._path = path
        self._commit = commit
        self._seconds: dict[str, float] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in self._lines() if json.loads(line)["commit"] == commit and self._clean]
        path.write_text("".join(f"{line}\n" for line in kept))

    @property
    def _clean(self) -> bool:
        """With changed files, or outside a repository, the commit does not say what was tested."""
        return not self._commit.endswith("+") and self._commit != UNKNOWN

    def _lines(self) -> list[str]:
        return self._path.read_text().splitlines() if self._path.exists() else []

    def passed(self) -> set[str]:
        rows = [json.loads(line) for line in self._lines()]
        return {row["test"] for row in rows if row["outcome"] == "passed"}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        passed = self.passed()
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in passed])
        items[:] = [item for item in items if item.nodeid not in passed]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Nothing left to do is a success here."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.passed():
            session.exitstatus = pytest.ExitCode.OK

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if report.when == "call" or report.outcome != "passed":
            self._add(report.nodeid, report.outcome)

    def _add(self, test: str, outcome: str) -> None:
        row = {
            "commit": self._commit,
            "test": test,
            "outcome": outcome,
            "seconds": round(self._seconds[test], 1),
        }
        with self._path.open("a") as file:
            file.write(json.dumps(row) + "\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--resume", type=Path, metavar="FILE", help="go on after the outcomes in FILE, and add to them"
    )


def pytest_configure(config: pytest.Config) -> None:
    path: Path | None = config.getoption("--resume")
    if path is not None:
        config.pluginmanager.register(Progress(path, commit()), "progress")
