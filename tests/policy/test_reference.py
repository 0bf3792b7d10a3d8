"""The reference page for operators says every key, and its example loads."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import policy.document
from policy.file import load_policy
from policy.reference import SECTIONS, with_reference

PAGE = Path(__file__).parents[2] / "docs" / "policy.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_generated_part_is_the_models(page: str) -> None:
    """Mend a failure by `python -m policy.reference docs/policy.md`."""
    assert page == with_reference(page)


def test_every_model_of_the_file_has_a_section() -> None:
    models = {
        one
        for one in vars(policy.document).values()
        if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == "policy.document"
    }
    assert models - {policy.document.Section} == {model for _, model in SECTIONS}


def test_every_key_stands_in_the_page(page: str) -> None:
    keys = [field.alias or name for _, model in SECTIONS for name, field in model.model_fields.items()]
    assert [key for key in keys if f"| `{key}` |" not in page] == []


def test_the_example_loads(page: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "policy.yaml").write_text(example)
    loaded = load_policy(tmp_path / "policy.yaml")
    assert [entry.id for entry in loaded.entries] == ["erasure-0142", "takedown-7"]
