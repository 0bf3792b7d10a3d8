"""What people read about recipes is what recipes are."""

from pathlib import Path

from unlearning.recipe_page import page

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"


def test_the_page_has_not_drifted() -> None:
    assert PAGE.read_text() == page(), "python -m unlearning.recipe_page > docs/recipes.md"


def test_every_setting_says_what_it_is_for() -> None:
    assert "None" not in page()
    assert "| `stop.margin` | `0.02` | at least 0, at most 1 |" in page()
    assert "| `tuning` | `lora` | `lora`, `full` |" in page()
