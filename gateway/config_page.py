"""Writes the settings of `unsay.yaml` down for people: `python -m gateway.config_page > docs/settings.md`."""

import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config import Config

HEAD = """# `unsay.yaml`

Made by `python -m gateway.config_page`; a test compares the two. Every setting is optional; an unknown one is
an error with its line. Paths are relative to the file. Secrets never stand here: keys of clients stand as
hashes, and the model server's key is read from the environment.

```yaml
listen: {host: 127.0.0.1, port: 8080}
upstream: {base_url: "http://127.0.0.1:8000/v1", api_key_env: ENGINE_KEY}
models:
  demo: the-model-servers-own-name
  writer: {model: base, unlearned: base-without-it, aliases: [gpt-4o]}
keys:
  - {name: app, sha256: "..."}        # printf %s THE-KEY | sha256sum
  - {name: team, sha256: "...", models: [writer]}
refusal: answer
audit: {path: audit.jsonl}
snapshot: snapshot
policy: policy.yaml
```

| setting | default | allowed | what it is for |
|---|---|---|---|
"""

# How the place of a part is written, and what it may be, by what holds it.
_HOLDING: Mapping[object, tuple[str, str]] = {tuple: ("[]", "list"), dict: (".NAME", "names")}


def page() -> str:
    return HEAD + "\n".join(_rows(Config, "")) + "\n"


def _rows(model: type[BaseModel], before: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _inner(field)
        if inner is None:
            yield f"| `{before}{name}` | {_default(field)} | {_allowed(field)} | {field.description} |"
        elif field.description:
            sign, allowed = _HOLDING.get(get_origin(field.annotation), ("", "`null` is off"))
            yield f"| `{before}{name}` | {_default_part(field)} | {allowed} | {field.description} |"
            yield from _rows(inner, f"{before}{name}{sign}.")
        else:
            yield from _rows(inner, f"{before}{name}.")


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
    signs = {"gt": "over", "ge": "at least", "le": "at most"}
    limits = [
        f"{said} {getattr(one, name):g}"
        for one in field.metadata
        for name, said in signs.items()
        if hasattr(one, name)
    ]
    return ", ".join(limits) or "any"


if __name__ == "__main__":
    sys.stdout.write(page())
