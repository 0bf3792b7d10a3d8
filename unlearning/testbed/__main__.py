"""`python -m unlearning.testbed`: makes the table of methods, and goes on where it stopped."""

import argparse
import sys
from pathlib import Path

import torch
from transformers.utils import logging

from unlearning.testbed.table import Bench
from unlearning.testbed.trial import methods
from unlearning.testbed.world import Sizes, draw_world
from unlearning.testbed.written import write_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m unlearning.testbed", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="models are trained for so many seeds")
    parser.add_argument("--methods", nargs="+", default=methods(), choices=methods(), metavar="METHOD")
    parser.add_argument("--cache", type=Path, default=Path(".unsay/testbed"), help="what is done already")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="where the table goes")
    given = parser.parse_args()
    # Two threads on one small model wait for each other more than they work.
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    bench = Bench(draw_world(Sizes()), given.cache)
    rows = list(bench.rows(given.methods, range(given.seeds), _progress))
    write_table(rows, given.out)


def _progress(stage: str, done: int, whole: int) -> None:
    sys.stderr.write(f"{stage} {done}/{whole}\n")


if __name__ == "__main__":
    main()
