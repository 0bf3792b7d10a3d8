"""What a trained divergence says about itself: for whom it was made, and how it lowers odds."""

from pathlib import Path

from pydantic import Field

from index.kind import Kind
from steering.divergence.form import Form
from steering.sealed import Sealed


class DivergenceError(ValueError):
    """A divergence cannot be used; says what was expected, what was found and what to do."""


class DivergenceManifest(Sealed):
    error = DivergenceError
    purpose = "divergence seal"
    command = "unsay steer train"
    kind = Kind("a divergence", frozenset({"alpha", "top"}))

    generation: int
    form: Form = Form.LINEAR
    alpha: float = Field(gt=0)
    top: int = Field(gt=0)


def read_manifest(folder: Path) -> DivergenceManifest:
    return DivergenceManifest.read(folder)
