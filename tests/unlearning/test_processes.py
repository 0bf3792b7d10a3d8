"""Two processes that share a run out make the weights that one makes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytestmark = pytest.mark.long

RECIPE = """
model: full
method: {method}
tuning: {tuning}
rate: 1.0e-3
batch: 16
{more}
lora: {{rank: 4, alpha: 8}}
data:
  forget: [forget.jsonl]
  retain: [retain.jsonl]
  holdout: [holdout.jsonl]
  longest: 64
stop: {{every: 1000}}
budget: {{steps: 5}}
checkpoint_every: 2
report: {{items: 4, bits: [4], relearn_steps: 0}}
"""
ALONE = (sys.executable, "-m", "unsay")
# As `accelerate launch` starts several; on processors it would want MPI.
TOGETHER = (
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node",
    "2",
    "--module",
    "unsay",
)


def run(folder: Path, out: str, *command: str) -> dict[str, torch.Tensor]:
    """What it exports."""
    ended = subprocess.run(
        [*command, "unlearn", folder / "recipe.yaml", "--out", folder / out],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    weights: dict[str, torch.Tensor] = load_file(next((folder / out).glob("*/*model.safetensors")))
    return weights


@pytest.mark.parametrize(
    ("method", "tuning", "more"),
    [
        ("wga", "full", "prune: 0.1"),
        ("wga", "full", "sharpness: 0.5"),
        ("npo_kl", "lora", ""),
        ("mollm", "full", ""),
        ("wga", "full", "average: {}"),
    ],
)
def test_two_processes_make_what_one_makes(folder: Path, method: str, tuning: str, more: str) -> None:
    (folder / "recipe.yaml").write_text(RECIPE.format(method=method, tuning=tuning, more=more))
    alone = run(folder, "alone", *ALONE)
    together = run(folder, "together", *TOGETHER)
    assert set(alone) == set(together)
    apart = torch.cat([(together[name] - one).abs().flatten() for name, one in alone.items()])
    # Of five steps of 1e-3. Adam makes a whole step of a gradient next to nothing, whose sign is rounding's.
    assert (apart > 2e-5).float().mean() < 1e-3
    assert apart.max() < 1e-3
    assert (folder / "together" / "report" / "report.json").is_file()
