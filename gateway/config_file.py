"""Reads `unsay.yaml`. Every problem is told with its file, line and field, what was expected and found.

Rule: nothing that may be a key is shown, and what is no plain file or too large for settings is not read.
"""

import json
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from gateway.config import Config
from policy.faults import explain
from policy.problem import Problem
from policy.sources import SourceError, read_text
from policy.yaml_tree import Path as Field
from policy.yaml_tree import Tree, read_tree

LARGEST = 1 << 20

# Here some write the key itself, or put it into the address.
HIDDEN = frozenset({"sha256", "blake2b", "api_key_env", "base_url", "url"})
PARTS = frozenset({"keys", "upstream", "memory", "judge"})


class ConfigError(ValueError):
    """The settings cannot be used; `problems` says all that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_config(path: Path) -> Config:
    name = str(path)
    tree = _tree(path, name)
    try:
        # JSON, because pydantic's strict mode takes lists and enumerations in JSON only.
        config = Config.model_validate_json(json.dumps(tree.value or {}), strict=True)
    except ValidationError as error:
        raise ConfigError(explain(error, Config, tree, name, hidden=_is_hidden)) from None
    return config.below(path.resolve().parent)


def checked(config: Config, name: str) -> Config:
    """Settings of which some were replaced, checked as those of a file are; `name` says by what."""
    value = config.model_dump(mode="json")
    try:
        return Config.model_validate(value)
    except ValidationError as error:
        problems = explain(error, Config, Tree(value, {}), name, hidden=_is_hidden)
        raise ConfigError([replace(problem, line=None) for problem in problems]) from None


def _tree(path: Path, name: str) -> Tree:
    try:
        tree, problems = read_tree(read_text(path, name, LARGEST), name)
    except SourceError as error:
        raise ConfigError([error.problem]) from None
    if problems:
        raise ConfigError(problems)
    return tree


def _is_hidden(field: Field) -> bool:
    """A text in place of a whole part is one, too."""
    field = field[1:] if field[:1] == ("admin",) else field
    part = (len(field) == 1 and field[0] in PARTS) or (len(field) == 2 and field[0] == "keys")
    return part or not HIDDEN.isdisjoint(field)
