"""What is remarked while serving can be read by people or by machines, and never tells what an error said."""

import json
import logging
from collections.abc import Iterator

import pytest

from unsay.console import log_to_stderr

NAMES = ("unsay", "uvicorn")


@pytest.fixture
def as_it_was() -> Iterator[None]:
    logs = [logging.getLogger(name) for name in NAMES]
    before = [(log.handlers[:], log.level, log.propagate) for log in logs]
    yield
    for log, (handlers, level, propagate) in zip(logs, before, strict=True):
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


@pytest.mark.usefixtures("as_it_was")
def test_lines_are_json_where_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNSAY_LOG", "json")
    log_to_stderr()
    logging.getLogger("unsay").info("%s: %s in %s", "req_1", "KeyError", "a.py:3")
    logging.getLogger("uvicorn.error").warning('a "line"\nof another')
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["req_1: KeyError in a.py:3", 'a "line"\nof another']
    assert [(line["level"], line["logger"]) for line in lines] == [
        ("info", "unsay"),
        ("warning", "uvicorn.error"),
    ]
    assert all(line["time"].endswith("+00:00") for line in lines)


@pytest.mark.usefixtures("as_it_was")
def test_an_error_is_told_by_its_kind_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNSAY_LOG", "json")
    log_to_stderr()
    try:
        raise ValueError("555-201-3391")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in the application")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["error"] == "ValueError"
    assert "555" not in line


@pytest.mark.usefixtures("as_it_was")
def test_lines_are_for_people_by_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("UNSAY_LOG", raising=False)
    log_to_stderr()
    logging.getLogger("unsay").warning("a remark")
    assert capsys.readouterr().err.endswith(" WARNING a remark\n")


def test_another_form_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSAY_LOG", "xml")
    with pytest.raises(ValueError, match="expected json or text"):
        log_to_stderr()
