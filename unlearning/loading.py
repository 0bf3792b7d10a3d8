"""The model that a recipe starts from, with its tokenizer, ready to learn.

Rule: what does not fit together is told before the first step.
"""

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from unlearning.reading import Frozen, without_adapter
from unlearning.recipe import Recipe


class ModelError(ValueError):
    """The model can't be used."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`model` learns; `frozen` lends it as it was."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    frozen: Frozen


def load(recipe: Recipe, path: Path, *, needs_frozen: bool) -> Loaded:
    """The model in the folder. Raises ModelError."""
    check_folder(path)
    try:
        model = AutoModelForCausalLM.from_pretrained(path, dtype=_dtype(recipe), local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path}: {_first_line(error)}") from None
    tokenizer = load_tokenizer(path)
    _check(path, model, tokenizer)
    if recipe.tuning == "lora":
        adapted = with_adapter(model, recipe)
        return Loaded(adapted, tokenizer, lambda: without_adapter(adapted))
    return Loaded(model, tokenizer, _copied(model) if needs_frozen else _nothing)


def check_folder(path: Path) -> None:
    """Raises ModelError."""
    if not (path / "config.json").is_file():
        raise ModelError(f"{path}: expected a model's folder, found no config.json")


def load_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """Raises ModelError."""
    try:
        return AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path}: expected a tokenizer in it: {_first_line(error)}") from None


def with_adapter(model: Any, recipe: Recipe) -> Any:
    part = recipe.lora
    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=part.rank,
        lora_alpha=part.alpha,
        lora_dropout=part.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    with quietly():
        return get_peft_model(model, config)


def adapted(model: Any, adapter: Path) -> Any:
    """The model with an adapter that was exported."""
    with quietly():
        return PeftModel.from_pretrained(model, adapter)


@contextmanager
def quietly() -> Iterator[None]:
    """peft asks transformers by a name that has a newer one; no user can mend that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _dtype(recipe: Recipe) -> torch.dtype:
    """All weights are learnt in single precision: their steps are too small for half."""
    half = recipe.precision == "bfloat16" and recipe.tuning == "lora"
    return torch.bfloat16 if half else torch.float32


def _check(path: Path, model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ModelError(
            f"{path}: expected a tokenizer of at most {rows} tokens, as the model has, found one of "
            f"{len(tokenizer)}: it belongs to another model"
        )


def _copied(model: Any) -> Frozen:
    kept = copy.deepcopy(model).eval().requires_grad_(requires_grad=False)

    @contextmanager
    def lend() -> Iterator[Any]:
        kept.to(next(model.parameters()).device)
        yield kept

    return lend


@contextmanager
def _nothing() -> Iterator[Any]:
    raise AssertionError("no term reads the frozen model")
    yield


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
