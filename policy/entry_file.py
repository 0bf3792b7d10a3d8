"""One entry that comes alone: as a file, or as data from elsewhere.

Rule: it is what an entry of a policy is, checked by the same models, and refused in the same words.
"""

import json
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from policy.document import EntryDocument
from policy.entry import Entry
from policy.faults import explain
from policy.problem import PolicyError, Problem
from policy.resolve import Resolver
from policy.sources import Limits, SourceError, Sources, read_text
from policy.yaml_tree import Json, Tree, read_tree


def load_entry(path: Path, limits: Limits | None = None) -> Entry:
    """The entry in the file (YAML or JSON), the files that it names included. Raises PolicyError."""
    limits = limits or Limits()
    try:
        text = read_text(path, str(path), limits.policy_bytes)
    except SourceError as error:
        raise PolicyError([error.problem]) from error
    return read_entry(text, str(path), path.parent, limits)


def read_entry(text: str, name: str, folder: Path | None, limits: Limits | None = None) -> Entry:
    """`folder`: where the files lie that it may name; None: it may name none. Raises PolicyError."""
    tree, problems = read_tree(text, name)
    if problems:
        raise PolicyError(problems)
    if tree.value is None:
        raise PolicyError([Problem(name, 1, "", "an entry: `id`, and what must be forgotten", "nothing")])
    return _resolved(tree, name, folder, limits or Limits())


def entry_of(value: Json, name: str, folder: Path | None, limits: Limits | None = None) -> Entry:
    """The same of data that came without lines."""
    try:
        return _resolved(Tree(value, {}), name, folder, limits or Limits())
    except PolicyError as error:
        raise PolicyError([_without_line(one, name) for one in error.problems]) from None


def _without_line(problem: Problem, name: str) -> Problem:
    """What stands in another file keeps its line there."""
    return replace(problem, line=None) if problem.file == name else problem


def _resolved(tree: Tree, name: str, folder: Path | None, limits: Limits) -> Entry:
    try:
        # JSON, because pydantic's strict mode takes lists and enumerations in JSON only.
        document = EntryDocument.model_validate_json(json.dumps(tree.value))
    except ValidationError as error:
        raise PolicyError(explain(error, EntryDocument, tree, name)) from error
    resolver = Resolver(name, tree, Sources(folder, limits, {}))
    entry = resolver.entry(document, ())
    if resolver.problems:
        raise PolicyError(resolver.problems)
    # Texts of two entries in the same place do not belong together.
    kept = tuple(replace(one, source=f"{entry.id}:{one.source}") for one in entry.retain)
    return replace(entry, retain=kept)


def as_document(entry: Entry) -> dict[str, Json]:
    """The entry as it could stand in a file, its texts written out."""
    concept = entry.concept
    said: dict[str, Json] = {
        "id": entry.id,
        "reason": str(entry.reason),
        "names": list(entry.names),
        "passages": list(entry.passages),
        "questions": [{"question": one.question, "answer": one.answer} for one in entry.questions],
        "secrets": list(entry.secrets),
        "retain": [one.text for one in entry.retain],
        "models": list(entry.models),
        "keys": list(entry.keys),
    }
    if concept is not None:
        said["concept"] = {"description": concept.description, "examples": list(concept.examples)}
    times = {"from": entry.start, "until": entry.end}
    return said | {name: time.isoformat() for name, time in times.items() if time is not None}
