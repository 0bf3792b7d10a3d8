"""Our packages have plain names, so another `filters` on the path could take our place: refuse to run then.

The rule: every package of ours is loaded from the folder that the installed distribution `unsay` names.
"""

import json
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

PACKAGES = ("policy", "index", "filters", "steering", "gateway", "evaluation", "unlearning", "unsay")


class OriginError(RuntimeError):
    """A package with one of our names is not ours."""


def check_origin(packages: Iterable[str] = PACKAGES) -> None:
    """Raise OriginError unless each package would be (or was) loaded from our own distribution."""
    home = _home()
    for package in packages:
        found = _location(package)
        if found != home / package:
            raise OriginError(
                f"package {package!r}: expected it at {home / package}, found it at {found or 'no place'}. "
                "Another module of that name comes first on the import path: remove it, or unset PYTHONPATH, "
                "and start Unsay with the `unsay` command."
            )


def _home() -> Path:
    try:
        return _root(distribution("unsay"))
    except PackageNotFoundError:
        raise OriginError(
            "expected the installed distribution 'unsay', found none. Install it with `pip install unsay`."
        ) from None


def _root(ours: Distribution) -> Path:
    """The folder that holds our packages: the project's for an editable install, else site-packages."""
    url = ours.read_text("direct_url.json")
    record = json.loads(url) if url else {}
    if record.get("dir_info", {}).get("editable"):
        return Path(unquote(urlsplit(record["url"]).path)).resolve()
    return Path(str(ours.locate_file(""))).resolve()


def _location(package: str) -> Path | None:
    spec = find_spec(package) or PathFinder.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.name == "__init__.py" else origin
