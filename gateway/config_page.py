"""Writes the settings of `unsay.yaml` down for people: `python -m gateway.config_page > docs/settings.md`."""

import sys

from gateway.config import Config
from policy import settings_table

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

"""


def page() -> str:
    return HEAD + settings_table.HEAD + "\n".join(settings_table.rows(Config)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
