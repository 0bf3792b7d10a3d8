"""Who turns texts into vectors, where that is another server."""

import os
from typing import Final

from pydantic import Field, field_validator

from gateway.config_part import Part, is_address
from index.encoder import EncoderError
from index.remote_encoder import RemoteEncoder
from policy.problem import wrong

DAY_S: Final = 86_400


class EncoderAddress(Part):
    """An embeddings server, asked in place of the offline encoder: when the policy is compiled, and about
    every prompt. It reads their texts.
    """

    url: str = Field(
        description="OpenAI-compatible base URL, `/v1` included: vLLM with a pooling model, or Text "
        "Embeddings Inference."
    )
    model: str = Field(min_length=1, max_length=256, description="What the server calls its model.")
    api_key_env: str | None = Field(
        default=None, description="Environment variable that holds the server's key."
    )
    timeout_s: float = Field(
        default=5, gt=0, le=DAY_S, description="Longest wait for one batch; then the answer ends closed."
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if not is_address(url):
            raise wrong("a URL of http or https with a host, and neither query nor fragment", got=repr(url))
        return url

    def encoder(self) -> RemoteEncoder:
        """Raises EncoderError where its key is missing."""
        key = None if self.api_key_env is None else os.environ.get(self.api_key_env)
        if self.api_key_env is not None and not key:
            raise EncoderError(f"{self.api_key_env}: expected the key of {self.url}, found none; set it")
        return RemoteEncoder(self.url, self.model, key, self.timeout_s)
