"""Everything that steers, read from the disk when an engine starts, and again when it changes there.

Rules: what is missing or belongs to another tokenizer, key or version keeps the engine from starting. Where
several processes hold parts of one model, nothing is taken while they run, since they could not take it
between the same two steps. A divergence never acts beside the artefact of another policy: an engine does not
start so, and one that runs is left with the bans until the divergence of the new policy is there.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.manifest import MANIFEST
from steering.apply_rule import Rule
from steering.artefact import Artefact
from steering.divergence.divergence import Divergence
from steering.divergence.manifest import DivergenceError
from steering.settings import Settings, SettingsError
from steering.steerer import Parts, Steerer
from steering.trouble import remark
from steering.vocabulary import Vocabulary
from steering.watch import Look, Watch, look


@dataclass(frozen=True, slots=True)
class Loader:
    settings: Settings
    key: bytes
    vocabulary: Vocabulary

    @classmethod
    def of(cls, settings: Settings, tokenizer: str) -> "Loader":
        """`tokenizer` is the engine's, used where the settings name none."""
        folder = settings.tokenizer or Path(tokenizer)
        if not folder.is_dir():
            raise SettingsError(
                f"{folder}: expected the folder of the model's tokenizer; name it in the settings"
            )
        return cls(settings, settings.read_key(), Vocabulary.load(folder))

    def load(self) -> Parts:
        """All that the settings name. Raises DivergenceError where it does not go together."""
        parts = self.newest()
        if self.settings.divergence is not None and parts.divergence is None:
            raise DivergenceError(
                f"{self.settings.divergence}: expected the divergence of the artefact's policy, found "
                "another's; run for the same policy: unsay steer build, unsay steer train"
            )
        return parts

    def newest(self) -> Parts:
        """What goes with the artefact that is there now."""
        settings, fingerprint = self.settings, self.vocabulary.fingerprint
        artefact = Artefact.load(settings.artefact, self.key, self.vocabulary)
        if settings.divergence is None:
            return Parts(artefact)
        divergence = Divergence.load(settings.divergence, self.key, fingerprint)
        if divergence.manifest.contents != artefact.manifest.contents:
            remark("the divergence is of another policy than the artefact: it does not act")
            return Parts(artefact)
        said = self.vocabulary.pieces, artefact.tokens.forms
        return Parts(artefact, divergence, *said, divergence.vouched)

    def look(self) -> tuple[Look, ...]:
        folders = (self.settings.artefact, self.settings.divergence)
        return tuple(look(folder / MANIFEST) for folder in folders if folder is not None)

    def rule(self, width: int) -> Rule:
        """For rows of this many ids, of which a tokenizer may have more than its model."""
        ends, special = (
            {each for each in ids if each < width} for ids in (self.vocabulary.ends, self.vocabulary.special)
        )
        if not ends:
            raise SettingsError(
                f"expected a token that ends an answer among the model's {width} ids, found none"
            )
        return Rule(tuple(sorted(special | ends)), tuple(sorted(ends)))

    def steerer(self, width: int, *, alone: bool) -> Steerer:
        """`alone`: no other process holds a part of the model."""
        rule, seen, parts = self.rule(width), self.look(), self.load()
        if not alone:
            return Steerer(parts, self.key, rule)
        return Steerer(parts, self.key, rule, Watch(self.look, seen, self.newest).fresh)


def load_steerer(settings: Settings, config: Any) -> Steerer:
    """For an engine's VllmConfig."""
    alone = config.parallel_config.tensor_parallel_size == 1
    width = config.model_config.get_vocab_size()
    return Loader.of(settings, config.model_config.tokenizer).steerer(width, alone=alone)
