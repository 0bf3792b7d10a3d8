"""The files that a gateway inside an engine serves by, and the process in which they are read.

Rules: UNSAY_CONFIG names the settings; the key is UNSAY_INDEX_KEY, or in `index.key` beside them. Nothing is
read by packages that are not ours.
"""

import os
import pickle
import sys
from functools import partial
from pathlib import Path

from gateway.config import Config
from gateway.config_file import load_config
from gateway.inside.apart import Apart, read_for
from gateway.workers.source import FilesError, Source
from policy.policy import Policy
from unsay.origin import OriginError, check_origin
from unsay.snapshots import find_key

VARIABLE = "UNSAY_CONFIG"
# The engine's own routes begin so, and it is asked in this process.
INSIDE = "http://127.0.0.1/v1"
NEEDED = ("policy", "index", "filters", "steering", "gateway", "unsay")
READ = "from unsay.middleware_files import read; read()"


def apart() -> Apart:
    return Apart((sys.executable, "-P", "-c", READ))


def source() -> Source:
    check()
    named = os.environ.get(VARIABLE)
    if not named:
        raise FilesError(f"{VARIABLE}: expected the path of an unsay.yaml, found nothing")
    file = Path(named).resolve()
    config = configured(file)
    key = find_key(file.with_name("index.key"), config.snapshot)
    return Source(partial(configured, file), key, file, complaint=complaint)


def check() -> None:
    """Told as any other reason not to start: a class that cannot be made would leave its server running."""
    try:
        check_origin(NEEDED)
    except OriginError as error:
        raise FilesError(str(error)) from None


def configured(file: Path) -> Config:
    """The settings of the file, but for the address of the model server: it is here."""
    config = load_config(file)
    if config.ledger is not None:
        raise FilesError(f"{file}: ledger: expected none inside an engine; put a gateway before it")
    return config.model_copy(update={"upstream": config.upstream.model_copy(update={"base_url": INSIDE})})


def complaint(policy: Policy, model: str) -> str:
    """Loaded when it is wanted: it needs all filters."""
    from unsay.policy_tests import complaint

    return complaint(policy, model)


def read() -> None:
    """In the process that reads the files: the last good ones come in, and what was found goes out."""
    read_for(int(sys.argv[-1]), source, pickle.load(sys.stdin.buffer))
