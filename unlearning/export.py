"""What a run makes, as vLLM serves it: an adapter beside the model, or whole weights.

Rule: with the tokenizer, so that the folder is all that a server needs, and whole or not there.
"""

from pathlib import Path
from typing import Any

from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase
from transformers.trainer import TRAINING_ARGS_NAME

from unlearning.loading import adapted
from unlearning.recipe import Recipe
from unlearning.run import Ended

ADAPTER = "adapter"
WEIGHTS = "model"


def exported(recipe: Recipe, out: Path) -> Path:
    """Where it goes, or lies already."""
    return out / (ADAPTER if recipe.tuning == "lora" and recipe.export == "adapter" else WEIGHTS)


def export(ended: Ended, recipe: Recipe, base: Path, tokenizer: PreTrainedTokenizerBase, out: Path) -> None:
    with ended.trainer.together(exported(recipe, out)) as draft:
        ended.trainer.save_model(str(draft))
        # Nobody serves by how it was trained, and it names this machine's folders.
        (draft / TRAINING_ARGS_NAME).unlink(missing_ok=True)
        if ended.trainer.is_world_process_zero():
            if recipe.tuning == "lora" and recipe.export == "merged":
                _merge(base, draft)
            tokenizer.save_pretrained(draft)


def load_exported(recipe: Recipe, base: Path, out: Path) -> Any:
    """The unlearned model as plain weights, an adapter added to those it lies on."""
    folder = exported(recipe, out)
    if folder.name == WEIGHTS:
        return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    return _merged(base, folder)


def _merge(base: Path, draft: Path) -> None:
    """In place of the adapter that lies there."""
    model = _merged(base, draft)
    for path in draft.iterdir():
        path.unlink()
    model.save_pretrained(draft)


def _merged(base: Path, adapter: Path) -> Any:
    model = AutoModelForCausalLM.from_pretrained(base, local_files_only=True)
    return adapted(model, adapter).merge_and_unload()
