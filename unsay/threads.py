"""One computing thread for each process of the gateway, told to the libraries before they are loaded.

Rule: a process that forks has no other thread. A fork copies the caller's alone, and a library of the child
would wait for its lost helpers for ever.
"""

import os

NUMBERS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread_each() -> dict[str, str]:
    """The environment as it was, for processes that are not the gateway's."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(NUMBERS, "1"))
    return before
