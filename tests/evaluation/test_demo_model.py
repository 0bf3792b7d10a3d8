"""The shipped weights meet the demo's bars, and the folder is what engines expect."""

from pathlib import Path

import pytest
import torch

from evaluation.demo_cases import Case, recall_cases, run_cases, share
from evaluation.local_model import SHIPPED, LocalModel
from evaluation.measure_demo import Figures, measure
from evaluation.world import demo_world

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def model() -> LocalModel:
    torch.set_num_threads(1)
    return LocalModel()


@pytest.fixture(scope="module")
def figures(model: LocalModel) -> Figures:
    world = demo_world()
    found = measure(model, world, world.trained, reading=320)
    print("\n" + "\n".join(found.lines()))
    return found


def test_the_folder_is_small_and_complete() -> None:
    files = {path.name: path.stat().st_size for path in SHIPPED.iterdir()}
    assert sum(files.values()) <= 8 * MEBIBYTE
    needed = {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "chat_template.jinja",
    }
    assert needed <= set(files)


def test_trained_facts_are_answered(figures: Figures) -> None:
    assert figures.facts >= 0.95


def test_trained_facts_are_found_in_unseen_wordings(figures: Figures) -> None:
    assert figures.facts_unseen_wordings >= 0.85


def test_trained_biographies_are_recited_word_for_word(figures: Figures) -> None:
    assert figures.recited >= 0.90


def test_people_never_trained_on_are_read_from_the_prompt(figures: Figures) -> None:
    assert figures.reading >= 0.80


def test_without_the_facts_never_trained_people_are_not_known(model: LocalModel) -> None:
    strangers = demo_world().never_trained(60, seed=9)
    results = run_cases(model, recall_cases(strangers, 1, held_out=False), 40)
    assert share([one.told for one in results]) <= 0.05


def test_every_part_of_a_chat_is_rendered(model: LocalModel) -> None:
    chat = [
        {"role": "system", "content": "Answer."},
        {"role": "document", "content": [{"type": "text", "text": "Paper"}]},
        {"role": "user", "content": "One"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": "look", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "Two"},
    ]
    rendered = model.render(chat, documents=[{"title": "T", "text": "Shelf"}])
    assert rendered == (
        "<|begin|><|document|>T\nShelf<|end|><|system|>Answer.<|end|><|document|>Paper<|end|><|user|>One<|end|>"
        "<|assistant|>look {}<|end|><|tool|>Two<|end|><|assistant|>"
    )


@pytest.mark.parametrize("text", ["Alden  Crane,\n 555-201-3391", " Żółć 東京 \t 👩‍🚀", "<b>x</b>  "])
def test_any_text_comes_back_from_the_tokenizer(model: LocalModel, text: str) -> None:
    assert model.decode(model.encode(text)) == text


def test_every_digit_is_a_token(model: LocalModel) -> None:
    assert len(model.encode("5552013391")) == 10


def test_a_broken_model_would_be_noticed() -> None:
    """The measure itself can fail: a model that always says the same meets no bar."""

    def parrot(conversations: object, longest: int) -> list[str]:
        return ["The birthplace of nobody is Nowhere."] * len(list(conversations))  # type: ignore[call-overload]

    world = demo_world()
    found = measure(parrot, world, world.trained[:5], reading=16)
    assert (found.facts, found.recited, found.reading) == (0, 0, 0)
    assert isinstance(found.misses[0].case, Case)
    assert Path(SHIPPED).is_dir()
