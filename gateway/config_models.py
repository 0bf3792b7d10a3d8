"""Which models clients may ask for, and what the model server is asked for in their place.

Rule: a public name means one model. Where one name of a model asks for its unlearned form, no other name
reaches the model itself unless the settings say so in so many words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from gateway.config_part import Part
from policy.problem import wrong

ModelName = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class ServedModel(Part):
    """One model, where its public name alone does not say enough."""

    model: ModelName = Field(description="What the model server calls it.")
    aliases: tuple[ModelName, ...] = Field(
        default=(), description="Other public names of the same model; each is listed, too."
    )
    unlearned: ModelName | None = Field(
        default=None,
        description="What the model server calls the same model without what is forgotten, such as an "
        "adapter: asked for in its place. Another public name of the same model must say it, too, or `null`.",
    )
    fall_back: bool = Field(
        default=False,
        description="Whether the model itself is asked, behind the filters alone, while the model server "
        "does not list `unlearned`. Without it there is no such model then.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.unlearned == self.model:
            raise wrong("another name than that of the model itself", at=("unlearned",))
        if self.fall_back and self.unlearned is None:
            raise wrong("false while there is no `unlearned`", at=("fall_back",))
        return self

    @property
    def asked(self) -> tuple[str, ...]:
        """The model server's names, the one that is asked for first."""
        if self.unlearned is None:
            return (self.model,)
        return (self.unlearned, self.model) if self.fall_back else (self.unlearned,)

    @property
    def own(self) -> tuple[str, ...]:
        """All of the model server's names, also those that are never asked for."""
        return tuple(dict.fromkeys((*self.asked, self.model)))


def _name_or_more(value: object) -> str | None:
    # In angle brackets, because tags stand in the places of errors, where keys of the file do.
    return (
        "<name>" if isinstance(value, str) else "<model>" if isinstance(value, dict | ServedModel) else None
    )


# By public names: the model server's own name, or more.
ModelTable = dict[
    ModelName,
    Annotated[
        Annotated[ModelName, Tag("<name>")] | Annotated[ServedModel, Tag("<model>")],
        Discriminator(
            _name_or_more,
            custom_error_type="expected",
            custom_error_message="expected {expected}",
            custom_error_context={"expected": 'a name or {model: "...", ...}', "hint": "", "got": ""},
        ),
    ],
]


def served(models: Mapping[str, str | ServedModel]) -> dict[str, ServedModel]:
    """Every public name, aliases too, and its model."""
    found: dict[str, ServedModel] = {}
    for name, one in models.items():
        model = ServedModel(model=one) if isinstance(one, str) else one
        found |= dict.fromkeys((name, *model.aliases), model)
    return found


def check_models(models: Mapping[str, str | ServedModel]) -> None:
    """Raises where two models have one name, or a name goes round an unlearned model."""
    for name, times in Counter(_names(models)).items():
        if times > 1:
            raise wrong("every public name once", got=f"{name!r} twice", at=("models",))
    unlearned = {one.model for one in models.values() if isinstance(one, ServedModel) and one.unlearned}
    for name, one in models.items():
        if _base(one) in unlearned:
            raise wrong(
                f"`unlearned`, as other names of {_base(one)!r} have it, or `unlearned: null`",
                at=("models", name),
            )


def _names(models: Mapping[str, str | ServedModel]) -> Iterator[str]:
    for name, one in models.items():
        yield name
        yield from () if isinstance(one, str) else one.aliases


def _base(one: str | ServedModel) -> str | None:
    """The model that is asked for as it is, without a word on its unlearned form."""
    if isinstance(one, str):
        return one
    said = "unlearned" in one.model_fields_set
    return None if said else one.model
