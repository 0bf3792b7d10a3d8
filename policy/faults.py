"""Pydantic's errors said in the operator's terms.

Rule: of texts that may be the forgotten thing itself only the kind and the length are said.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from policy.problem import Problem, shortened, shown_key
from policy.yaml_tree import Json, Path, Tree, field_name

Hidden = Callable[[Path], bool]

_CONFIDENTIAL = frozenset(
    {"names", "passages", "questions", "secrets", "concept", "retain", "must_withhold", "must_answer"}
)


def is_confidential(path: Path) -> bool:
    """Also what stands in place of the whole policy, of all entries, or of one; and of all tests."""
    whole = not path or (path[0] == "entries" and len(path) < 3) or path == ("tests",)
    return whole or not _CONFIDENTIAL.isdisjoint(path)


def described(value: Json, *, confidential: bool) -> str:
    """What a value is; it is shown, shortened, unless it may be a forgotten text."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return "a number" if confidential else f"the number {shortened(str(value)).strip(chr(39))}"
        case str() if confidential or not value:
            return f"a text of {len(value)} characters"
        case str():
            return shortened(value)
        case list():
            return f"a list of {len(value)}"
        case _:
            return "a mapping"


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand at the path's end, found by walking the models."""
    current: Mapping[str, Any] = model.model_json_schema()
    definitions: Mapping[str, Any] = current.get("$defs", {})
    for step in path:
        current = _inside(current, step, definitions)
    return _keys(current, definitions)


def _inside(schema: Mapping[str, Any], step: str | int, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in _options(schema, definitions):
        if isinstance(step, int) and "items" in option:
            items: Mapping[str, Any] = option["items"]
            return items
        if isinstance(step, str) and step in option.get("properties", {}):
            inner: Mapping[str, Any] = option["properties"][step]
            return inner
    return {}


def _options(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schema itself, its reference and its alternatives."""
    found: list[Mapping[str, Any]] = [schema]
    if "$ref" in schema:
        found += _options(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += _options(one, definitions)
    return found


def _keys(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    keys = [key for option in _options(schema, definitions) for key in option.get("properties", {})]
    return list(dict.fromkeys(keys))


class _Explainer:
    """Turns the errors of one validated value into problems."""

    def __init__(self, model: type[BaseModel], tree: Tree, file: str, hidden: Hidden) -> None:
        self._model, self._tree, self._file, self._hidden = model, tree, file, hidden

    def problem(self, error: Mapping[str, Any]) -> Problem:
        context = error.get("ctx", {})
        path = self._path((*error["loc"], *context.get("at", ())))
        expected, got, hint = self._words(error["type"], context, path)
        line = self._tree.line(path)
        if self._unknown(error) and self._shown_key(path) != repr(path[-1]):
            path = (*path[:-1], "?")
        return Problem(self._file, line, field_name(path), expected, got, hint)

    def _unknown(self, error: Mapping[str, Any]) -> bool:
        return str(error["type"]) == "extra_forbidden"

    def _path(self, loc: Sequence[str | int]) -> Path:
        """The location without pydantic's tags, which stand in angle brackets where no such key is."""
        path: Path = ()
        for step in loc:
            tag = isinstance(step, str) and step.startswith("<") and step.endswith(">")
            if not tag or self._is_key(path, step):
                path = (*path, step)
        return path

    def _is_key(self, path: Path, step: str | int) -> bool:
        around = self._tree.at(path)
        return isinstance(around, dict) and step in around

    def _words(self, kind: str, context: Mapping[str, Any], path: Path) -> tuple[str, str, str]:
        """Expected, got, hint."""
        confidential = self._hidden(path)
        value = self._tree.at(path)
        got = described(value, confidential=confidential)
        match kind:
            case "missing":
                return f"the key `{path[-1]}`", "none", _missing_hint(path, confidential)
            case "extra_forbidden":
                return self._unknown_key(path)
            case "expected":
                return context["expected"], context["got"] or got, context["hint"] or _quote_hint(value)
            case "literal_error" | "enum":
                return f"one of {context['expected']}", got, _action_hint(path, value)
            case "string_type":
                return "text", got, _quote_hint(value)
            case "string_pattern_mismatch":
                return "1 to 128 letters, digits and . _ : @ -, the first a letter or digit", got, ""
            case _:
                return _plain_expectation(kind, context), got, ""

    def _unknown_key(self, path: Path) -> tuple[str, str, str]:
        known = _known_keys(self._model, path[:-1])
        near = get_close_matches(str(path[-1]), known, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else ""
        return f"one of the keys {', '.join(known)}", f"the key {self._shown_key(path)}", hint

    def _shown_key(self, path: Path) -> str:
        """Where forgotten texts stand, a text with a colon in it is read as a key: only a slip is shown."""
        key = str(path[-1])
        slip = get_close_matches(key, _known_keys(self._model, path[:-1]), n=1)
        return shown_key(key, hidden=self._hidden(path) and not slip)


def _plain_expectation(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "int_type" | "int_from_float" | "int_parsing" | "int_parsing_size":
            return "a whole number"
        case "float_type" | "float_parsing" | "finite_number":
            return "a number"
        case "bool_type" | "bool_parsing":
            return "true or false"
        case "greater_than":
            return f"a number above {context['gt']:g}"
        case "greater_than_equal":
            return f"at least {context['ge']:g}"
        case "less_than_equal":
            return f"at most {context['le']:g}"
        case "tuple_type":
            return "a list"
        case "too_short":
            return f"a list of at least {context['min_length']}"
        case "string_too_short":
            return "a text that is not empty"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "a mapping"
        case "path_type":
            return "a path"
        case _:
            return f"a valid value ({kind})"


def _missing_hint(path: Path, confidential: bool) -> str:
    if confidential and path[-1] == "file":
        return 'A text that contains ": " must stand in quotes'
    return ""


def _quote_hint(value: Json) -> str:
    return "Put it in quotes" if isinstance(value, bool | int | float) else ""


def _action_hint(path: Path, value: Json) -> str:
    if value == "rewrite" and "prompt" in path:
        return "`rewrite` is for `answer` only"
    return ""


def explain(
    error: ValidationError, model: type[BaseModel], tree: Tree, file: str, *, hidden: Hidden = is_confidential
) -> list[Problem]:
    """The problems behind the error, in the order of their lines; what is `hidden` is not shown."""
    explainer = _Explainer(model, tree, file, hidden)
    problems = [explainer.problem(dict(one)) for one in error.errors(include_url=False)]
    return sorted(problems, key=lambda problem: problem.line or 0)
