"""The page of methods says what the code does."""

from pathlib import Path

from unlearning.losses.catalogue import LOSSES, METHODS
from unlearning.methods_page import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods.md"


def test_the_page_is_the_one_that_is_made() -> None:
    assert PAGE.read_text() == page(), "python -m unlearning.methods_page > docs/methods.md"


def test_every_method_and_every_loss_is_told() -> None:
    told = page()

    assert [name for name in (*METHODS, *LOSSES) if f"`{name}`" not in told] == []
