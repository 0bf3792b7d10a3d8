"""English that every installation has: the documentation of Python, and what packages say of themselves."""

import ast
import re
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

_NOT_PROSE = re.compile(r">>>|[=<>{}\[\]\\|`]|\w\(|https?:|::")
_LEFT_OUT = frozenset(("test", "tests", "site-packages", "idlelib", "lib2to3", "turtledemo", "pydoc_data"))


def standard_library() -> list[str]:
    """The prose paragraphs of its documentation strings, each once, in the order of the files."""
    root = Path(sysconfig.get_paths()["stdlib"])
    files = (path for path in sorted(root.rglob("*.py")) if not _LEFT_OUT & set(path.relative_to(root).parts))
    return list(dict.fromkeys(paragraph for path in files for paragraph in _documentation(path)))


def package_descriptions() -> list[str]:
    """The prose paragraphs of what the installed packages say about themselves, each once."""
    named = {each.name: each for each in distributions() if each.name != "unsay"}
    texts = (named[name].metadata.json.get("description", "") for name in sorted(named))
    said = (paragraph for text in texts for paragraph in prose(str(text)))
    return list(dict.fromkeys(said))


def prose(text: str) -> Iterator[str]:
    """Whole sentences, no code and no lists."""
    for block in re.split(r"\n\s*\n", text):
        paragraph = " ".join(block.split())
        words = len(paragraph.split())
        if (
            words >= 8
            and paragraph[0].isupper()
            and paragraph[-1] in ".!?"
            and not _NOT_PROSE.search(paragraph)
        ):
            yield paragraph


def _documentation(path: Path) -> Iterator[str]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, documented):
            yield from prose(ast.get_docstring(node) or "")
