"""Reading a policy file: everything or a PolicyError that lists what is wrong, nothing in between."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from policy.document import PolicyDocument
from policy.faults import explain
from policy.policy import Policy
from policy.problem import PolicyError, Problem
from policy.resolve import Resolver
from policy.seen import Look
from policy.sources import Limits, SourceError, Sources
from policy.yaml_tree import Tree, read_tree

__all__ = ["PolicyError", "load_policy"]


def load_policy(
    path: Path,
    limits: Limits | None = None,
    seen: dict[str, Mapping[str, Look]] | None = None,
    *,
    apart: bool = False,
) -> Policy:
    """The policy in the file, the files it refers to included. Raises PolicyError, and nothing else.

    `seen` gets what those files looked like, also when the policy can't be used. `apart`: passages stay in
    their files, and are read again when they are asked for; who does gets a PolicyError where they changed.
    """
    limits, seen = limits or Limits(), {} if seen is None else seen
    file, sources = str(path), Sources(path.parent, limits, seen)
    tree = _tree(path, file, sources)
    document = _document(tree, file)
    resolver = Resolver(file, tree, sources, apart)
    policy = resolver.policy(document)
    if resolver.problems:
        raise PolicyError(resolver.problems)
    return replace(policy, files=sources.digest)


def _tree(path: Path, file: str, sources: Sources) -> Tree:
    try:
        text = sources.root(path, file)
    except SourceError as error:
        raise PolicyError([error.problem]) from error
    tree, problems = read_tree(text, file)
    if problems:
        raise PolicyError(problems)
    if tree.value is None:
        raise PolicyError([Problem(file, 1, "", "a policy: `version: 1` and `entries`", "an empty file")])
    return tree


def _document(tree: Tree, file: str) -> PolicyDocument:
    try:
        # JSON, because pydantic's strict mode takes lists and enumerations in JSON only.
        return PolicyDocument.model_validate_json(json.dumps(tree.value))
    except ValidationError as error:
        raise PolicyError(explain(error, PolicyDocument, tree, file)) from error
