"""The files say the same, need nothing from elsewhere, hold no text and never say more than was seen."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from evaluation.report_origin import Origin
from policy.file import load_policy
from tests.unlearning.report.findings import measured, some
from unlearning.report import files
from unlearning.report.files import Written
from unlearning.report.making import report_of
from unlearning.report.models import Models
from unlearning.report.report import Report
from unlearning.samples import Sample

SECRET = "Quillon Varga keeps bees in Tarnow"
MORE = re.compile(r"\beras|\bunlearned completely|\bfully forg|\bremoved from the weights", re.IGNORECASE)
COUNT = 40


@pytest.fixture(scope="module")
def made() -> Report:
    full = measured(np.ones(COUNT, dtype=bool))
    after = measured(some(COUNT, 0.1, 1), back=some(COUNT, 0.5, 2), retain=0.9)
    golds = [measured(some(COUNT, 0.04, seed), seed=seed) for seed in (3, 4)]
    return report_of(Models(full, after, *golds), "served <name> | x", "npo")


@pytest.fixture(scope="module")
def folder(made: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("run") / "report"
    samples = [Sample(item.id, SECRET, "What does he keep?") for item in made.items[:6]]
    Written(made, Origin("unsay unlearn <x>", "now", "1", None), samples).write(path)
    return path


def test_all_files_say_the_same(folder: Path, made: Report) -> None:
    record = json.loads((folder / "report.json").read_text())
    said, back = (
        sum(item["outcome"] == each for item in record["items"]) for each in ("still said", "suppressed")
    )
    lines = (folder / "residual.jsonl").read_text().splitlines()
    assert len(made.residual) == said + back == len(lines) > 0
    for name in ("report.md", "report.html"):
        text = (folder / name).read_text()
        assert f"{said} still said, {back} suppressed" in text
        assert f"for {said + back} items" in text


def test_every_figure_is_in_every_file(folder: Path, made: Report) -> None:
    record = json.loads((folder / "report.json").read_text())
    assert len(record["figures"]) == len(made.figures) >= 9
    for one in made.figures:
        assert one.name in (folder / "report.md").read_text()
        assert one.name in (folder / "report.html").read_text().replace("&#x27;", "'")


def test_no_file_says_more_than_was_seen(folder: Path) -> None:
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(texts) == {"report.json", "report.md", "report.html", "residual.jsonl", "residual.yaml"}
    assert {name: MORE.findall(text) for name, text in texts.items()} == {name: [] for name in texts}
    assert "no proof" in texts["report.md"]
    assert "no proof" in texts["report.html"]


def test_no_word_that_a_report_can_say_is_more_than_was_seen() -> None:
    """Of all the words there are, for a run that needs none of them would show nothing."""
    sources = sorted(Path(files.__file__).parent.iterdir())
    texts = {path.name: path.read_text() for path in sources if path.is_file()}
    assert len(texts) > 10
    assert [name for name, text in texts.items() if MORE.search(text)] == []


def test_only_the_policy_of_what_files_gave_holds_a_text(folder: Path) -> None:
    holding = [path.name for path in folder.iterdir() if SECRET in path.read_text()]
    assert holding == ["residual.yaml"]
    assert folder.stat().st_mode & 0o077 == 0


def test_the_page_fetches_and_runs_nothing_and_is_well_formed(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    assert not re.findall(r"<script|(?:src|href)\s*=|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "served &lt;name&gt; | x" in page
    drawn = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawn) == 2
    assert all(ElementTree.fromstring(one).tag == "svg" for one in drawn)


def test_the_policy_of_what_files_gave_is_read_as_a_policy(folder: Path, made: Report) -> None:
    policy = load_policy(folder / "residual.yaml")
    wanted = [item for item in made.items[:6] if item.residual]
    assert wanted
    assert [entry.id for entry in policy.entries] == list(dict.fromkeys(item.entry for item in wanted))
    assert sum(len(entry.questions) for entry in policy.entries) == len(wanted)
    assert {question.answer for entry in policy.entries for question in entry.questions} == {SECRET}
    assert {entry.models for entry in policy.entries} == {("served <name> | x",)}


def test_a_report_that_can_not_be_written_leaves_nothing(
    made: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "residual_lines", full)
    with pytest.raises(OSError, match="No space left"):
        Written(made, Origin("c", "now", "1", None)).write(tmp_path / "report")
    assert list(tmp_path.iterdir()) == []
