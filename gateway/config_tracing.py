"""Where spans of requests are sent, for who traces them through many servers.

Rule: how to log in there stands in the environment alone (`OTEL_EXPORTER_OTLP_HEADERS`), as for all that
speak this protocol.
"""

from importlib.util import find_spec
from typing import Self

from pydantic import Field, field_validator, model_validator

from gateway.config_part import Part, is_address
from policy.problem import wrong


class Tracing(Part):
    """OpenTelemetry spans of requests, by OTLP over HTTP. They tell models, times, outcomes and counts, and
    no text. Needs `pip install 'unsay[tracing]'`.
    """

    endpoint: str = Field(
        default="http://127.0.0.1:4318/v1/traces",
        description="Where the collector takes spans, its path included.",
    )
    share: float = Field(default=1, ge=0, le=1, description="Share of all traces that is told.")
    continues: bool = Field(
        default=True,
        description="Whether a request's `traceparent` header is continued: the same trace, and no spans "
        "where it says that there are none. Off: every request begins a trace.",
    )
    provider: str = Field(
        default="openai",
        min_length=1,
        max_length=64,
        description="What `gen_ai.provider.name` says of the model server.",
    )
    timeout_s: float = Field(default=5, gt=0, le=60, description="Longest wait for the collector.")

    @field_validator("endpoint")
    @classmethod
    def _http(cls, url: str) -> str:
        if not is_address(url):
            raise wrong("a URL like http://127.0.0.1:4318/v1/traces")
        if "@" in url:
            raise wrong("a URL without a password", "Put it into OTEL_EXPORTER_OTLP_HEADERS")
        return url

    @model_validator(mode="after")
    def _installed(self) -> Self:
        if not can_trace():
            raise wrong("OpenTelemetry, as by `pip install 'unsay[tracing]'`", got="none")
        return self


def can_trace() -> bool:
    """Whether what `tracing` needs is installed."""
    try:
        return all(map(find_spec, ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")))
    except ModuleNotFoundError:
        return False
