"""The JSON schema of policy files, for editors; made from the models and committed beside them.

`python -m policy.schema` writes it anew. A policy file points to it by its first line:
# yaml-language-server: $schema=policy.schema.json
"""

import json
from pathlib import Path
from typing import Final

from policy.document import PolicyDocument

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PLACE: Final = Path(__file__).with_name("policy.schema.json")


def schema_text() -> str:
    """What must stand in policy.schema.json."""
    schema = {"$schema": DIALECT, **PolicyDocument.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(schema_text(), encoding="utf-8")
