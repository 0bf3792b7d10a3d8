"""Reads target files. Every problem is told with file, line and field, what was expected and what was found.

Rule: what may be forgotten (people, facts) or a key is never shown.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from evaluation.target import Target
from policy.faults import explain
from policy.problem import Problem
from policy.sources import SourceError, read_text
from policy.yaml_tree import Path as Field
from policy.yaml_tree import Tree, read_tree

LARGEST: Final = 16 << 20
# An address may carry a key, and some write the key itself where its variable is asked for.
HIDDEN: Final = frozenset({"base_url", "api_key_env", "without", "with", "judge"})

T = TypeVar("T", bound=BaseModel)


class TargetError(ValueError):
    """The target cannot be used; the message says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_target(path: Path) -> Target:
    """The target in the file; paths in it count from its folder."""
    target = read_yaml(path, Target, _is_hidden)
    beside = path.resolve().parent
    world = target.world
    if world.file is not None:
        world = world.model_copy(update={"file": beside / world.file})
    data = None if target.data is None else beside / target.data
    behind = target.behind
    if behind.audit is not None:
        behind = behind.model_copy(update={"audit": beside / behind.audit})
    return target.model_copy(update={"world": world, "data": data, "behind": behind})


def target_of(values: dict[str, object], source: str) -> Target:
    """The target that a command line describes; `source` is named in its errors."""
    value = json.loads(json.dumps(values))
    try:
        return Target.model_validate_json(json.dumps(value))
    except ValidationError as error:
        found = explain(error, Target, Tree(value, {}), source, hidden=_is_hidden)
        raise TargetError([replace(one, line=None) for one in found]) from None


def read_yaml(path: Path, model: type[T], hidden: Callable[[Field], bool]) -> T:
    """What the file holds, checked against the model."""
    tree = _tree(path, str(path))
    try:
        # JSON, because pydantic's strict mode takes lists and enumerations in JSON only.
        return model.model_validate_json(json.dumps(tree.value or {}))
    except ValidationError as error:
        raise TargetError(explain(error, model, tree, str(path), hidden=hidden)) from None


def _tree(path: Path, name: str) -> Tree:
    try:
        tree, problems = read_tree(read_text(path, name, LARGEST), name)
    except SourceError as error:
        raise TargetError([error.problem]) from None
    if problems:
        raise TargetError(problems)
    return tree


def _is_hidden(field: Field) -> bool:
    return not HIDDEN.isdisjoint(field)
