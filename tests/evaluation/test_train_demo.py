"""Training is a function of its seed: a run that was cut off ends where an uninterrupted one does."""

import shutil
from pathlib import Path

import pytest
import torch

from evaluation.batch import Coder
from evaluation.curriculum import Curriculum
from evaluation.local_model import SHIPPED, LocalModel
from evaluation.train_demo import Recipe, Run
from evaluation.wordings import wordings
from evaluation.world import demo_world, is_reserved

TINY = Recipe(steps=3, hidden=32, layers=1, heads=1, feed_forward=32, warmup=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder that has the shipped tokenizer already: learning one takes seconds."""
    for name in ("straight", "cut"):
        (tmp_path / name / "model").mkdir(parents=True)
        for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
            shutil.copy(SHIPPED / file, tmp_path / name / "model" / file)
    return tmp_path


def weights(path: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(path / "checkpoint.pt", weights_only=True)["model"]
    return state


def test_a_resumed_run_ends_where_a_straight_one_does(folder: Path) -> None:
    torch.set_num_threads(1)
    assert Run(TINY, folder / "straight").train(minutes=5)
    first = Run(TINY, folder / "cut")
    first.train_some(2)
    first.save()
    second = Run(TINY, folder / "cut")
    assert second.step == 2
    assert second.train(minutes=5)
    straight, cut = weights(folder / "straight"), weights(folder / "cut")
    assert all(torch.equal(straight[name], cut[name]) for name in straight)


def test_a_step_is_the_same_whenever_it_is_drawn() -> None:
    curriculum = Curriculum(demo_world(), seed=3)
    assert curriculum.step(1234) == curriculum.step(1234) != curriculum.step(1235)


def test_training_never_mentions_the_never_trained_nor_asks_in_held_out_wordings() -> None:
    curriculum = Curriculum(demo_world(), seed=3)
    names = [one.name for one in demo_world().never_trained(200)]
    openings = [form.split("{name}")[0] for form in wordings(None, held_out=True) if not form.startswith("{")]
    texts = [turn.content for number in (0, 2500) for item in curriculum.step(number) for turn in item]
    assert not any(name in text for name in names for text in texts)
    assert not any(text.startswith(opening) for opening in openings for text in texts)
    assert all(map(is_reserved, names))


def test_items_are_coded_as_the_chat_template_renders_them() -> None:
    model = LocalModel()
    curriculum = Curriculum(demo_world(), seed=3)
    coder = Coder(model.tokenizer, 2048)
    for item in curriculum.step(2500):
        chat = [{"role": turn.role, "content": turn.content} for turn in item]
        rendered = model.render(chat).removesuffix("<|assistant|>")
        assert coder.encode([item])[0].ids == model.encode(rendered)
