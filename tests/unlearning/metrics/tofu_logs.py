"""What the TOFU authors measured of two models, as columns. The data's README tells where it comes from."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parents[2] / "data" / "tofu_eval_logs"


@dataclass(frozen=True, slots=True)
class Log:
    """Of one set: mean log-probabilities, and ROUGE-L recalls."""

    answers: NDArray[np.float64]
    paraphrased: NDArray[np.float64]
    wrong: NDArray[np.float64]
    rouge: NDArray[np.float64]


def logs(model: str) -> dict[str, Log]:
    with gzip.open(FOLDER / f"llama2-7b_{model}.json.gz", "rt", encoding="utf-8") as file:
        sets = json.load(file)
    return {name: _log(columns) for name, columns in sets.items()}


def _log(columns: dict[str, list[float]]) -> Log:
    return Log(
        -np.array(columns["avg_gt_loss"]),
        -np.array(columns["avg_paraphrased_loss"]),
        -np.array(columns["average_perturb_loss"]),
        np.array(columns["rougeL_recall"]),
    )
