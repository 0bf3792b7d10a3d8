"""What the gateway's settings must say so that clients get the unlearned model under the name they know."""

import json
import shlex
from pathlib import Path

from unlearning.export import ADAPTER


def fragment(public: str, base: str, unlearned: str) -> str:
    """For `unsay.yaml`. The model itself is asked for no more, whatever name a client says."""
    names = (json.dumps(name) for name in (public, base, unlearned))
    return "models:\n  {}:\n    model: {}\n    unlearned: {}\n".format(*names)


def serving(base: Path, folder: Path, unlearned: str) -> str:
    """How vLLM is started with it, as a shell reads it. The model itself has the name of its folder."""
    if folder.name == ADAPTER:
        named = ("--served-model-name", base.name, "--enable-lora", "--lora-modules", f"{unlearned}={folder}")
        return shlex.join(("vllm", "serve", str(base), *named))
    return shlex.join(("vllm", "serve", str(folder), "--served-model-name", unlearned))
