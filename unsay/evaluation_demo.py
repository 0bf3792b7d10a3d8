"""The policies that `unsay evaluate --demo` serves: the demo's for its world, and the same with a part off.

The rule: each has a folder of its own, in which its snapshot is kept, and is written only if it changed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import yaml

from evaluation.demo_policy import policy_files
from evaluation.target import WorldPart
from evaluation.target_people import world_of
from policy.document import DetectorsDocument

SEMANTIC = "semantic"
MEMORY = "memory"
PARTS = ("names", "passages", "questions", "secrets")


@dataclass(frozen=True, slots=True)
class Demo:
    """What is started: the engine without Unsay, the policy's action on prompts, and what is left out.

    `entries` are the parts that every entry is made of. `exact` leaves the encoder out, and all starts in
    seconds; `ablate` each part in turn besides.
    """

    engine: str = "accomplice"
    prompt: str | None = None
    exact: bool = False
    ablate: bool = False
    entries: tuple[str, ...] = PARTS


@dataclass(frozen=True, slots=True)
class Variant:
    """A policy file in which `part` is off; an empty name is the whole one.

    The memory of sessions is the gateway's, so that without it the policy is the whole one.
    """

    part: str
    policy: Path
    digest: str

    @property
    def remembers(self) -> bool:
        return self.part != MEMORY


def variants(demo: Demo, world: WorldPart, folder: Path) -> Iterator[Variant]:
    """The whole policy first."""
    files = {str(name): text for name, text in policy_files(world_of(world)).items()}
    files["policy.yaml"] = _acting(files["policy.yaml"], demo.prompt)
    always = (*((SEMANTIC,) if demo.exact else ()), *_left_out(demo.entries))
    alone = demo.entries if len(demo.entries) == 1 else ()
    parts = ("", *(one for one in switches() if one not in (*always, *alone))) if demo.ablate else ("",)
    for part in parts:
        off = (*always, *((part,) if part else ()))
        size = "demo" if world.people is None else f"{world.people}-{world.retained}"
        named = "-".join((str(world.seed), size, *(f"no-{one}" for one in off)))
        made = {**files, "policy.yaml": _without(files["policy.yaml"], off)}
        yield _written(part, made, folder / named)


def switches() -> tuple[str, ...]:
    """The detectors that a policy may turn off, what an entry may do without, and the memory of sessions."""
    fields = DetectorsDocument.model_fields
    return (
        *(name for name, field in fields.items() if NoneType in get_args(field.annotation)),
        *PARTS,
        MEMORY,
    )


def _left_out(entries: Sequence[str]) -> tuple[str, ...]:
    """What entries that are made of these parts do without."""
    if not entries or set(entries) - set(PARTS):
        raise ValueError(f"--entries: expected some of {', '.join(PARTS)}, found {','.join(entries)!r}")
    return tuple(part for part in PARTS if part not in entries)


def _acting(policy: str, prompt: str | None) -> str:
    if prompt is None:
        return policy
    before = "    prompt: refuse\n"
    assert policy.count(before) == 1
    return policy.replace(before, f"    prompt: {prompt}\n")


def _without(policy: str, off: Sequence[str]) -> str:
    if not set(off) - {MEMORY}:
        return policy
    tree: dict[str, Any] = yaml.safe_load(policy)
    for entry in tree["entries"]:
        for part in set(off) & set(PARTS):
            entry.pop(part, None)
    detectors = [one for one in off if one not in (*PARTS, MEMORY)]
    tree["detectors"] = {**tree.get("detectors", {}), **dict.fromkeys(detectors)}
    return json.dumps(tree, ensure_ascii=False, indent=1)  # JSON is YAML too


def _written(part: str, files: Mapping[str, str], folder: Path) -> Variant:
    digest = sha256(json.dumps([files, part == MEMORY], sort_keys=True).encode()).hexdigest()[:12]
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return Variant(part, folder / "policy.yaml", digest)
