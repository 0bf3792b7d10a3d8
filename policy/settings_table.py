"""Settings as rows of a table: what each is called, its default, what it may be, and what it is for.

Rule: a part without a description is told by its settings alone.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

HEAD = """| setting | default | allowed | what it is for |
|---|---|---|---|
"""

# How the place of a part is written, and what it may be, by what holds it.
_HOLDING: Mapping[object, tuple[str, str]] = {tuple: ("[]", "list"), dict: (".NAME", "names")}


def rows(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _inner(field)
        if inner is None:
            yield f"| `{before}{name}` | {_default(field)} | {_allowed(field)} | {field.description} |"
        elif field.description:
            sign, allowed = _HOLDING.get(get_origin(field.annotation), ("", "`null` is off"))
            yield f"| `{before}{name}` | {_default_part(field)} | {allowed} | {field.description} |"
            yield from rows(inner, f"{before}{name}{sign}.")
        else:
            yield from rows(inner, f"{before}{name}.")


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    waiting: list[Any] = [field.annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
        waiting += get_args(one)
    return None


def _default_part(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    return "on, as below" if isinstance(value, BaseModel) else "none" if value in ((), {}) else "off"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value in (None, (), {}) else f"`{value}`"


def _allowed(field: FieldInfo) -> str:
    words = field.annotation
    if isinstance(words, type) and issubclass(words, StrEnum):
        return ", ".join(f"`{word}`" for word in words)
    if get_origin(words) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(words))
    signs = {"gt": "over", "ge": "at least", "le": "at most"}
    limits = [
        f"{said} {getattr(one, name):g}"
        for one in field.metadata
        for name, said in signs.items()
        if hasattr(one, name)
    ]
    return ", ".join(limits) or "any"
