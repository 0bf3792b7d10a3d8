"""Reads `unsay.yaml`. Every problem is told with its file, line and field, what was expected and got."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from gateway.config import Config

MAP, STRING = "tag:yaml.org,2002:map", "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    line: int
    field: str
    said: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"{self.field}: " if self.field else "")
        return where + self.said


class ConfigError(ValueError):
    """The file cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_config(path: Path) -> Config:
    name = str(path)
    try:
        text = path.read_text("utf-8")
        node = yaml.compose(text, yaml.SafeLoader)
        document = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError([Problem(name, 1, "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(name, 1, "", "expected UTF-8 text")]) from None
    except yaml.YAMLError as error:
        raise ConfigError([_not_yaml(name, error)]) from None
    if node is not None and (twice := _twice(node, name)):
        raise ConfigError(twice)
    return _validated(document, node, name).below(path.resolve().parent)


def _validated(document: object, node: yaml.Node | None, name: str) -> Config:
    try:
        return Config.model_validate({} if document is None else document)
    except ValidationError as error:
        raise ConfigError(
            [_problem(name, node, found) for found in error.errors(include_url=False)]
        ) from None


def _problem(name: str, node: yaml.Node | None, found: object) -> Problem:
    assert isinstance(found, dict)
    location = tuple(found["loc"])
    field = ".".join(map(str, location))
    said = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        said = "no such setting"
    elif found["type"] == "missing":
        said = "is missing"
    elif found["type"] != "value_error":
        said = f"expected: {said.removeprefix('Input should be ')}, got {_short(found['input'])}"
    return Problem(name, _line(node, location), field, said)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _line(node: yaml.Node | None, location: tuple[object, ...]) -> int:
    line = 1 if node is None else node.start_mark.line + 1
    for step in location:
        found = _child(node, step)
        if found is None:
            return line
        node, line = found
    return line


def _child(node: yaml.Node | None, step: object) -> tuple[yaml.Node, int] | None:
    match node:
        case yaml.MappingNode():
            pairs = ((key, value) for key, value in node.value if key.value == str(step))
            return next(((value, key.start_mark.line + 1) for key, value in pairs), None)
        case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
            child = node.value[step]
            return child, child.start_mark.line + 1
    return None


def _twice(node: yaml.Node, name: str, path: tuple[str, ...] = ()) -> list[Problem]:
    """Keys that stand twice in one mapping, which YAML parsers let pass."""
    found: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            field = (*path, str(key.value))
            if key.value in seen:
                found.append(Problem(name, key.start_mark.line + 1, ".".join(field), "stands twice"))
            seen.add(key.value)
            found += _twice(value, name, field)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            found += _twice(value, name, (*path, str(place)))
    return found


def _not_yaml(name: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return Problem(name, error.problem_mark.line + 1, "", f"is not YAML: {error.problem}")
    return Problem(name, 1, "", "is not YAML")
