"""An error inside the engine is told where operators look, by its kind and its place alone.

Rule: its message may hold text, so that it is never shown.
"""

import logging
from pathlib import Path
from traceback import extract_tb


def tell(doing: str, error: BaseException) -> None:
    steps = extract_tb(error.__traceback__)
    place = f"{Path(steps[-1].filename).name}:{steps[-1].lineno}" if steps else "an unknown place"
    logging.getLogger("unsay.steering").error("%s failed: %s in %s", doing, type(error).__name__, place)
