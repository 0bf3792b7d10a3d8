"""JSON schemas, as pydantic writes them, to walk through."""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
BRANCHES = ("anyOf", "oneOf", "allOf")


class Schema:
    def __init__(self, root: Node) -> None:
        self.root = root
        self._named: dict[str, Node] = root.get("$defs", {})

    def variants(self, node: Node) -> Iterator[Node]:
        """What a value may be: each is a node of one type."""
        while "$ref" in node:
            node = self._named[node["$ref"].rsplit("/", 1)[-1]]
        branch = next((branch for branch in BRANCHES if branch in node), None)
        if branch is None:
            yield node
        else:
            for each in node[branch]:
                yield from self.variants(each)

    def words(self, node: Node) -> list[Any]:
        """The values that a node names; those of a closed list."""
        return [
            word
            for each in self.variants(node)
            for word in each.get("enum", [each["const"]] if "const" in each else [])
        ]

    def holds_text(self, node: Node) -> bool:
        """Whether any string may stand in it, at any depth that can be seen from here."""
        for each in self.variants(node):
            match each.get("type"):
                case "string" if not self.words(each):
                    return True
                case "array" if self.holds_text(each.get("items", {})):
                    return True
                case "object" | None if not self.words(each) and each.get("type") != "null":
                    return True
        return False
