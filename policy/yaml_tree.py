"""YAML read as data only, and with the line of every field.

Rules: YAML 1.2 core scalars (`No` and `2026-11-01` are text); no tags, no anchors, no aliases; one
document; each key once; nothing left empty by accident (`semantic:` alone would switch a detector off).
Nothing is constructed: the tree is built from parser events, so depth and size are bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

import yaml

from policy.problem import Problem, shown_key
from policy.text import is_unicode

Path = tuple[str | int, ...]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MOST_DEPTH: Final = 16
_NULL: Final = re.compile(r"~|null|Null|NULL")
_BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Tree:
    """`lines` gives the line of every field's key or list item, counted from 1."""

    value: Json
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of the field or, where it is missing, of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: Path) -> Json:
        value = self.value
        for step in path:
            match value, step:
                case dict(), str():
                    value = value.get(step)
                case list(), int() if step < len(value):
                    value = value[step]
                case _:
                    return None
        return value


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    value: list[Json] | dict[str, Json]
    path: Path
    key: str | None = None


def field_name(path: Path) -> str:
    """`entries[0].names[1]`"""
    name = ""
    for step in path:
        match step:
            case int():
                name += f"[{step}]"
            case _:
                name += f".{step}" if name else step
    return name


def _plain(text: str) -> Json:
    """A scalar without quotes, by the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    # Longer numbers are no number that a policy means, and Python refuses to read the longest.
    if len(text) <= 300 and _INT.fullmatch(text):
        return int(text)
    if len(text) <= 300 and _FLOAT.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return text


class Halt(Exception):
    """Reading on makes no sense after this problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(slots=True)
class _Composer:
    file: str
    root: Json = None
    documents: int = 0
    empty: bool = True
    stack: list[_Open] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise Halt(Problem(self.file, line, "", "one YAML document", "a second one (`---`)"))
            case yaml.AliasEvent():
                self._refuse(line, "an alias (`*`)")
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.MappingStartEvent():
                self._begin(event, {}, line)
            case yaml.SequenceStartEvent():
                self._begin(event, [], line)
            case yaml.CollectionEndEvent():
                self.stack.pop()

    def _refuse(self, line: int, got: str) -> None:
        hint = 'Write the value out, or keep it in a file and use {file: "..."}'
        raise Halt(Problem(self.file, line, self._field(), "plain YAML data", got, hint))

    def _field(self) -> str:
        return field_name(self._next_path()) if self.stack else ""

    def _next_path(self) -> Path:
        top = self.stack[-1]
        match top.value:
            case list():
                return (*top.path, len(top.value))
            case _:
                return top.path if top.key is None else (*top.path, top.key)

    def _begin(self, event: yaml.NodeEvent, value: list[Json] | dict[str, Json], line: int) -> None:
        self._check_plain(event, line)
        if self._awaits_key():
            got = "a list or a mapping as a key"
            raise Halt(Problem(self.file, line, self._field(), "a key that is text", got))
        if len(self.stack) == MOST_DEPTH:
            expected = f"at most {MOST_DEPTH} levels of nesting"
            raise Halt(Problem(self.file, line, "", expected, "more"))
        path = self._next_path() if self.stack else ()
        self._put(value, line)
        self.stack.append(_Open(value, path))

    def _check_plain(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._refuse(line, "an anchor (`&`)")
        tag = event.tag  # type: ignore[attr-defined]  # scalars and collections have one; the stubs forget
        if tag is not None:
            self._refuse(line, "a tag (`!`)")

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        self._check_plain(event, line)
        if not is_unicode(event.value):
            raise Halt(Problem(self.file, line, self._field(), "Unicode text", "a lone surrogate"))
        if self._awaits_key():
            self._key(event.value, line)
            return
        if not event.value and event.implicit[0] and self.stack:
            hint = "Remove the key, or write `null` if null is meant"
            self.problems.append(Problem(self.file, line, self._field(), "a value", "nothing", hint))
        plain = event.implicit[0] and not event.style
        self._put((_plain(event.value) if event.value else None) if plain else event.value, line)

    def _key(self, key: str, line: int) -> None:
        top = self.stack[-1]
        if isinstance(top.value, dict) and key in top.value:
            first = self.lines[(*top.path, key)]
            got = f"the key {shown_key(key)} again (first on line {first})"
            name = field_name((*top.path, key if shown_key(key) == repr(key) else "?"))
            self.problems.append(Problem(self.file, line, name, "every key once", got))
        else:
            self.lines[(*top.path, key)] = line
        top.key = key

    def _put(self, value: Json, line: int) -> None:
        self.empty = self.empty and value is None
        if not self.stack:
            self.root = value
            self.lines[()] = line
            return
        top = self.stack[-1]
        match top.value:
            case list():
                self.lines[(*top.path, len(top.value))] = line
                top.value.append(value)
            case _:
                assert top.key is not None
                top.value[top.key] = value
                top.key = None


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        return Problem(file, line, "", "valid YAML", f"a syntax error: {error.problem}")
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(file, line, "", "printable text", f"a character that YAML forbids: {error.reason}")
    return Problem(file, None, "", "valid YAML", "a syntax error")


def _events(text: str, pure: bool) -> Iterator[yaml.Event]:
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ and not pure else yaml.SafeLoader
    return yaml.parse(text, Loader=loader)


def read_tree(text: str, file: str, *, pure: bool = False) -> tuple[Tree, list[Problem]]:
    """The data and the problems found; after a problem the data may be incomplete.

    `pure` uses the parser written in Python even where the C one is there.
    """
    composer = _Composer(file)
    try:
        for event in _events(text, pure):
            composer.take(event)
    except Halt as halt:
        composer.problems.append(halt.problem)
    except yaml.YAMLError as error:
        composer.problems.append(_syntax_problem(error, text, file))
    except (ValueError, OverflowError, RecursionError):
        # The parser written in Python lets these out for escapes such as "\UFFFFFFFF".
        composer.problems.append(Problem(file, None, "", "valid YAML", "a character that does not exist"))
    return Tree(composer.root, composer.lines), composer.problems
