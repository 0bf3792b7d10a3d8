"""Settings for models that contradict themselves are refused with their place."""

from pathlib import Path

import pytest

from gateway.config import Config
from gateway.config_file import ConfigError, load_config
from gateway.config_models import served

KEY = f"sha256: '{'0' * 64}'"

WRONG = {
    "an alias that is another name": (
        "models:\n  a: x\n  b: {model: y, aliases: [a]}\n",
        "models: expected every public name once, got 'a' twice",
    ),
    "an alias twice": ("models:\n  a: {model: x, aliases: [b, b]}\n", "got 'b' twice"),
    "an alias of itself": ("models:\n  a: {model: x, aliases: [a]}\n", "got 'a' twice"),
    "a name twice": ("models: {a: x, a: y}\n", "expected every key once, got the key 'a' again"),
    "no model": ("models:\n  a: {aliases: [b]}\n", "models.a.model: expected the key `model`, got none"),
    "an empty name": ("models: {a: ''}\n", "models.a: expected"),
    "neither a name nor more": (
        "models: {a: [x]}\n",
        'expected a name or {model: "...", ...}, got a list of 1',
    ),
    "its own unlearned form": (
        "models:\n  a: {model: x, unlearned: x}\n",
        "models.a.unlearned: expected another name than that of the model itself, got 'x'",
    ),
    "a fall back from nothing": (
        "models:\n  a: {model: x, fall_back: true}\n",
        "models.a.fall_back: expected false while there is no `unlearned`, got the boolean true",
    ),
    "another way to what is unlearned": (
        "models:\n  a: {model: x, unlearned: y}\n  b: x\n",
        "models.b: expected `unlearned`, as other names of 'x' have it, or `unlearned: null`, got 'x'",
    ),
    "a key's model that there is not": (
        f"models: {{a: x}}\nkeys:\n  - {{name: app, {KEY}, models: [a, x]}}\n",
        "keys[0].models[1]: expected one of the public names: a, got 'x'",
    ),
    "a key without models": (f"keys:\n  - {{name: app, {KEY}, models: []}}\n", "keys[0].models: expected"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_contradicts_itself_is_told(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "unsay.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")


def test_the_model_itself_may_be_named_beside_its_unlearned_form_in_so_many_words() -> None:
    models = {"a": {"model": "x", "unlearned": "y"}, "raw": {"model": "x", "unlearned": None}}
    config = Config.model_validate({"models": models})
    assert {name: model.asked for name, model in served(config.models).items()} == {
        "a": ("y",),
        "raw": ("x",),
    }


def test_every_public_name_of_a_model_is_one_name_of_it() -> None:
    config = Config.model_validate({"models": {"a": {"model": "x", "aliases": ["b", "c"]}, "d": "y"}})
    assert {name: model.model for name, model in served(config.models).items()} == {
        "a": "x",
        "b": "x",
        "c": "x",
        "d": "y",
    }
