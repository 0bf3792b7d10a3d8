"""What all parts of the settings keep to: no unknown keys, no changes, no number that is none."""

import re

from pydantic import BaseModel, ConfigDict
from yarl import URL


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def is_address(url: str) -> bool:
    """Whether requests can be sent there, as the library that sends them reads it."""
    try:
        host = URL(url).host if re.match(r"https?://[^/?#\s]+(/[^?#\s]*)?$", url) else None
        return bool(host and host.encode("idna"))
    except ValueError:
        return False
