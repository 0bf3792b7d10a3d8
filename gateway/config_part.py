"""What all parts of the settings keep to: no unknown keys, no changes, no number that is none."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
