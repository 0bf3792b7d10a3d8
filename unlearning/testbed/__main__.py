"""`python -m unlearning.testbed`: makes the table of methods, and goes on where it stopped.

The table is written anew after each seed.
"""

import argparse
import sys
from pathlib import Path

import torch
from transformers.utils import logging

from unlearning.testbed.row import Row
from unlearning.testbed.table import Bench
from unlearning.testbed.trial import methods
from unlearning.testbed.world import Sizes, draw_world
from unlearning.testbed.written import write_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m unlearning.testbed", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="of models, one after another"
    )
    parser.add_argument("--methods", nargs="+", default=methods(), choices=methods(), metavar="METHOD")
    parser.add_argument("--cache", type=Path, default=Path(".unsay/testbed"), help="what is done already")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="where the table goes")
    parser.add_argument("--name", default="unlearning", help="of the table's files")
    given = parser.parse_args()
    # Two threads on one small model wait for each other more than they work.
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    bench = Bench(draw_world(Sizes()), given.cache)
    rows: list[Row] = []
    for seed in given.seeds:
        rows += bench.rows(given.methods, [seed], _progress)
        write_table(rows, given.out, given.name, sys.argv[1:])


def _progress(stage: str, done: int, whole: int) -> None:
    sys.stderr.write(f"{stage} {done}/{whole}\n")


if __name__ == "__main__":
    main()
