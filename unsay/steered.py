"""Steering as `unsay serve` sets it up in an engine of its own: an artefact for its tokenizer, and settings.

Rules: an artefact is made of every policy before the gateway takes it, so that the engine never forgets less
than the gateway does for long; it does not lie in the snapshot's folder, since it is confidential; nothing is
built twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.workers.source import FilesError
from index.key import VARIABLE, commitment
from index.manifest import read_manifest
from index.passage import BuildError
from policy.digest import contents_digest
from policy.policy import Policy
from steering.artefact import is_stale
from steering.compile import build
from steering.divergence.manifest import DivergenceError
from steering.divergence.manifest import read_manifest as read_divergence
from steering.divergence.train import Recipe, train
from steering.vocabulary import Vocabulary, VocabularyError
from unsay.launch import EngineError

TOKENIZER_FILES = ("*.json", "*.model", "*.txt")


@dataclass(frozen=True, slots=True)
class Steered:
    """`tokenizer` is a model's folder. `key_file` is None where the key stands in the environment."""

    folder: Path
    tokenizer: Path
    key: bytes
    key_file: Path | None

    @property
    def settings(self) -> Path:
        return self.folder / "steering.json"

    @property
    def artefact(self) -> Path:
        return self.folder / "artefact"

    @property
    def divergence(self) -> Path:
        return self.folder / "divergence"

    def write_settings(self) -> None:
        """What the plug-in reads when the engine starts."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        named = {
            "artefact": self.artefact,
            "divergence": self.divergence,
            "tokenizer": self.tokenizer,
            "key": self.key_file,
        }
        fields = {name: str(path.resolve()) for name, path in named.items() if path is not None}
        self.settings.write_text(json.dumps(fields, indent=2) + "\n")

    def compile(self, policy: Policy, snapshot: Path) -> None:
        """What this policy needs, unless it is there. Raises FilesError."""
        try:
            generation, vocabulary = read_manifest(snapshot).generation, Vocabulary.load(self.tokenizer)
            if is_stale(self.artefact, policy, self.key, vocabulary, generation):
                build(policy, self.artefact, self.key, vocabulary, generation)
            self._train(policy, vocabulary)
        except (BuildError, VocabularyError, OSError) as error:
            raise FilesError(f"steering: {error}") from error

    def _train(self, policy: Policy, vocabulary: Vocabulary) -> None:
        try:
            manifest = read_divergence(self.divergence)
            manifest.check(self.key, vocabulary.fingerprint)
            if manifest.contents == commitment(self.key, contents_digest(policy)):
                return
        except DivergenceError:
            pass
        train(policy, self.tokenizer, self.divergence, self.key, Recipe())


def tokenizer_folder(model: str) -> Path:
    """Where the model's tokenizer is: its folder, or what the hub has of a name."""
    if Path(model).is_dir():
        return Path(model)
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(model, allow_patterns=list(TOKENIZER_FILES)))
    except Exception as error:
        raise EngineError(
            f"model {model}: expected its tokenizer on the hub or in its cache, found none "
            f"({type(error).__name__}). Name a folder, or serve --steering off."
        ) from error


def key_file(beside: Path, environment: Mapping[str, str]) -> Path | None:
    return None if environment.get(VARIABLE, "").strip() else beside
