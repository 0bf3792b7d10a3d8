"""What an artefact says about itself.

Rule: beside all that makes it another engine's, another fold is refused.
"""

from pathlib import Path

from index.kind import Kind
from index.manifest import fold_version
from steering.sealed import Sealed


class ArtefactError(ValueError):
    """An artefact cannot be used; says what was expected, what was found and what to do."""


class ArtefactManifest(Sealed):
    """`number`: the folder of the arrays. `generation`: of the snapshot that it goes with. `windows`: the
    lengths that there are.
    """

    error = ArtefactError
    purpose = "steering seal"
    command = "unsay steer build"
    kind = Kind("an artefact", frozenset({"number", "windows"}))

    number: int
    generation: int
    fold: str
    windows: tuple[int, ...] = ()

    def check(self, key: bytes, tokenizer: str) -> None:
        self.expect("fold", fold_version(), self.fold)
        super().check(key, tokenizer)


def read_manifest(folder: Path) -> ArtefactManifest:
    return ArtefactManifest.read(folder)
