"""A small model that knows two groups of authors, and the files of a recipe for it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from unlearning.recipe import Recipe
from unlearning.testbed.learning import Course, Shape
from unlearning.testbed.models import Courses, Maker, write_texts
from unlearning.testbed.world import Sizes, World, draw_world

SHAPE = Shape(hidden=48, layers=2, heads=2, feed_forward=96)


@pytest.fixture(scope="session")
def world() -> World:
    return draw_world(Sizes(base=1, forget=2, retain=3, holdout=2))


@pytest.fixture(scope="session")
def _made(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a recipe, the model among them."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("made")
    courses = Courses(Course(1, 1e-2), Course(60, 1e-2, batch=20))
    trio = Maker(world, folder / "cache", courses, SHAPE).trio(0)
    shutil.copytree(trio.full, folder / "full")
    write_texts(world, folder)
    return folder


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    """A recipe's own copy."""
    return Path(shutil.copytree(_made, tmp_path / "recipes", ignore=shutil.ignore_patterns("cache")))


@pytest.fixture
def make_recipe() -> Callable[..., Recipe]:
    def make(**said: Any) -> Recipe:
        data = {
            "forget": ["forget.jsonl"],
            "retain": ["retain.jsonl"],
            "holdout": ["holdout.jsonl"],
            "longest": 64,
        }
        given = {"model": "full", "tuning": "full", "rate": 1e-3, "data": data, **said}
        return Recipe.model_validate(given, strict=False)

    return make
