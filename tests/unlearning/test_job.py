"""A recipe from its file to what is served; what is done is not done again, and nothing is there half."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from unlearning.dataset import DataError
from unlearning.export import load_exported
from unlearning.job import Job, JobError
from unlearning.loading import ModelError
from unlearning.plan import PlanError, make_plan
from unlearning.unlearner import checkpoints

RECIPE = """
model: full
method: undial
tuning: {tuning}
rate: {rate}
export: {export}
lora: {{rank: 4, alpha: 8}}
data:
  forget: [forget.jsonl]
  retain: [retain.jsonl]
  holdout: [holdout.jsonl]
  longest: 64
stop: {{every: 1000}}
budget: {{steps: 6}}
checkpoint_every: 2
report: {{items: 8, bits: [4], relearn_steps: 2}}
"""


def job(
    folder: Path, tuning: str = "full", export: str = "adapter", rate: float = 1e-3, out: str = "out"
) -> Job:
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(tuning=tuning, export=export, rate=rate))
    return Job.of(path, folder / out)


def finish(one: Job) -> None:
    one.train(lambda *_: None)
    one.tell("unlearned", "unsay unlearn recipe.yaml")


def test_a_job_makes_weights_and_a_report(folder: Path) -> None:
    one = job(folder)
    finish(one)
    assert one.exported.name == "model"
    model = AutoModelForCausalLM.from_pretrained(one.exported)
    assert AutoTokenizer.from_pretrained(one.exported).vocab_size == model.config.vocab_size
    report = json.loads((one.report / "report.json").read_text())
    assert report["model"] == "unlearned"
    items, forgotten = len(report["items"]), len((folder / "forget.jsonl").read_text().splitlines())
    assert (items, len(report["unasked"])) == (8, forgotten - 8)
    assert [one["name"] for one in report["figures"] if one["group"] == "After a context"]
    assert {path.name for path in one.exported.iterdir()}.isdisjoint({"training_args.bin", "optimizer.pt"})


def test_a_report_asks_a_gold_model_and_false_answers_where_there_are_some(folder: Path) -> None:
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder / "full")).save_pretrained(
        folder / "gold"
    )
    rows = [json.loads(line) for line in (folder / "forget.jsonl").read_text().splitlines()]
    said = [{"prompt": row["prompt"], "answer": row["answer"]} for row in rows]
    wrong = [{**row, "wrong": [said[place - 1]["answer"]]} for place, row in enumerate(said)]
    (folder / "forget.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in wrong))
    path = folder / "recipe.yaml"
    path.write_text(
        RECIPE.format(tuning="full", rate=1e-3, export="adapter").rstrip("}\n") + ", gold: gold}\n"
    )
    one = Job.of(path, folder / "out")
    finish(one)
    figures = {
        figure["name"]: figure for figure in json.loads((one.report / "report.json").read_text())["figures"]
    }
    truth = figures["truth ratio (1: false answers as likely as the true one)"]
    assert truth["before"] < truth["gold"]
    assert 0 <= figures["unlearning depth (UDS)"]["after"] < 1
    (folder / "gold" / "config.json").unlink()
    with pytest.raises(ModelError, match="found no config"):
        Job.of(path, folder / "other")


def test_an_adapter_says_what_the_merged_weights_say(folder: Path) -> None:
    ids = torch.tensor([[1, 7, 8, 9]])
    said = []
    for export in ("adapter", "merged"):
        one = job(folder, "lora", export, 1e-2, export)
        one.train(lambda *_: None)
        said.append(load_exported(one.recipe, one.base, one.out)(ids).logits)
    before = AutoModelForCausalLM.from_pretrained(folder / "full")(ids).logits
    assert torch.allclose(said[0], said[1], atol=1e-4)
    assert not torch.allclose(before, said[1], atol=1e-2)
    assert (folder / "adapter" / "adapter" / "adapter_model.safetensors").is_file()
    assert not (folder / "merged" / "model" / "adapter_model.safetensors").exists()


def test_what_is_done_is_not_done_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish(job(folder))
    monkeypatch.setattr("unlearning.job.load", _not_again)
    monkeypatch.setattr("unlearning.job.measure", _not_again)
    again = job(folder)
    assert again.train(lambda *_: None) is None
    again.tell("unlearned", "another command")
    assert json.loads((again.report / "report.json").read_text())["command"] == "unsay unlearn recipe.yaml"


def _not_again(*_: object, **__: object) -> None:
    raise AssertionError("done before")


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
import torch
from unlearning.job import Job
saves, count = torch.save, iter(range(100))
def save(*given, **named):
    saves(*given, **named)
    # The third file of the second checkpoint is written, and the fourth is not.
    if next(count) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
torch.save = save
Job.of(Path(sys.argv[1]), Path(sys.argv[2])).train(lambda *_: None)
"""


def test_a_run_killed_within_a_checkpoint_goes_on_from_the_one_before(folder: Path) -> None:
    whole = job(folder, out="whole")
    whole.train(lambda *_: None)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, folder / "recipe.yaml", folder / "killed"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = {path.name for path in (folder / "killed").iterdir()}
    assert {"checkpoint-2", ".draft-checkpoint-4"} <= left
    assert "model" not in left
    one = job(folder, out="killed")
    assert [path.name for path in checkpoints(one.out)] == ["checkpoint-2"]
    one.train(lambda *_: None)
    names = ["model.safetensors", "config.json"]
    assert [(one.exported / name).read_bytes() for name in names] == [
        (whole.exported / name).read_bytes() for name in names
    ]


@pytest.mark.parametrize("changed", ["recipe", "texts", "model"])
def test_a_folder_belongs_to_one_recipe_with_its_texts_and_model(folder: Path, changed: str) -> None:
    job(folder)
    if changed == "texts":
        with (folder / "forget.jsonl").open("a") as file:
            file.write(json.dumps({"answer": "one thing more to be forgotten"}) + "\n")
    if changed == "model":
        (folder / "full" / "config.json").write_text("{}")
    with pytest.raises(JobError, match="found another's"):
        job(folder, rate=2e-3 if changed == "recipe" else 1e-3)


def test_a_folder_with_something_else_is_left_alone(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "letter.txt").write_text("mine")
    with pytest.raises(JobError, match="found something else"):
        job(folder)
    assert [path.name for path in (folder / "out").iterdir()] == ["letter.txt"]


def test_a_folder_that_a_killed_run_had_just_begun_is_taken(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / ".made-of").write_text("hal")
    one = job(folder)
    assert {path.name for path in one.out.iterdir()} == {"made-of"}


def test_a_tokenizer_of_another_model_is_told(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder / "full")
    tokenizer.add_tokens(["strange", "stranger"])
    tokenizer.save_pretrained(folder / "full")
    with pytest.raises(ModelError, match=r"at most 599 tokens.*found one of 601"):
        job(folder).train(lambda *_: None)


def test_a_tokenizer_that_fits_by_its_size_and_is_of_another_model_is_told(folder: Path) -> None:
    """Its words have other numbers, so that the model knows none of them."""
    path = folder / "full" / "tokenizer.json"
    told = json.loads(path.read_text())
    words = told["model"]["vocab"]
    told["model"]["vocab"] = {
        word: len(words) + 3 - place if place > 3 else place for word, place in words.items()
    }
    path.write_text(json.dumps(told))
    with pytest.raises(DataError, match=r"no better .*Check the model, its tokenizer"):
        job(folder).train(lambda *_: None)
    assert {one.name for one in (folder / "out").iterdir()} == {"made-of"}


def test_a_layer_that_the_model_lacks_is_told(folder: Path) -> None:
    one = job(folder)
    plan = make_plan(deep := one.recipe.model_copy(update={"method": "rmu", "layer": 3}))
    with pytest.raises(PlanError, match="layer: expected at most 2, as the model has, found 3"):
        replace(one, recipe=deep, plan=plan).train(lambda *_: None)


@pytest.mark.parametrize("gone", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_model_that_lacks_a_file_is_told(folder: Path, gone: str) -> None:
    (folder / "full" / gone).unlink()
    with pytest.raises(ModelError, match="full: "):
        job(folder).train(lambda *_: None)


def test_nothing_to_forget_is_told_before_a_folder_is_made(folder: Path) -> None:
    (folder / "forget.jsonl").write_text("")
    with pytest.raises(DataError, match="something to forget"):
        job(folder)
    assert not (folder / "out").exists()
