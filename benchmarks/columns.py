"""What stands between the clients and the model server, and how each of them is started.

Rule: one worker each, on the same core, with the fastest ordinary settings; the differences between the
columns are what they do, not how they are run.
"""

import json
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.cases import MODEL, Case, Forgotten, policy
from benchmarks.process import ROOT, Failed

LITELLM_VENV = ROOT / ".venv-litellm"
LITELLM = LITELLM_VENV / "bin" / "litellm"


class Kind(StrEnum):
    UPSTREAM = "upstream"
    PASSTHROUGH = "passthrough"
    OFF = "off"
    EXACT = "exact"
    SEMANTIC = "semantic"
    LITELLM = "litellm"


TITLES = {
    Kind.UPSTREAM: "upstream alone",
    Kind.PASSTHROUGH: "pass-through",
    Kind.OFF: "Unsay, nothing forgotten",
    Kind.EXACT: "Unsay, exact",
    Kind.SEMANTIC: "Unsay, exact + semantic",
    Kind.LITELLM: "LiteLLM",
}
UNSAY = (Kind.OFF, Kind.EXACT, Kind.SEMANTIC)


@dataclass(frozen=True, slots=True)
class Proxy:
    """One process to start. Columns that forget nothing are the same process in every case."""

    kind: Kind
    forgotten: Forgotten
    workers: int = 1

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.forgotten}" if self.forgotten is not Forgotten.NOTHING else str(self.kind)

    def command(self, folder: Path, port: int, upstream: str) -> list[str]:
        match self.kind:
            case Kind.PASSTHROUGH:
                return [sys.executable, "-m", "benchmarks.passthrough", str(port), upstream]
            case Kind.LITELLM:
                return _litellm(folder, port, upstream)
            case _:
                return _unsay(self, folder / self.name, port, upstream)

    def environment(self) -> dict[str, str]:
        if self.kind is not Kind.LITELLM:
            return {}
        return {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"}


def proxy_of(kind: Kind, case: Case) -> Proxy:
    found = case.forgotten if kind in (Kind.EXACT, Kind.SEMANTIC) else Forgotten.NOTHING
    return Proxy(kind, found)


def litellm_version() -> str:
    """As the Makefile installed it."""
    return next(
        (path.name.removeprefix(".litellm-") for path in LITELLM_VENV.glob(".litellm-*")), "not installed"
    )


def _unsay(proxy: Proxy, folder: Path, port: int, upstream: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(policy(proxy.forgotten, semantic=proxy.kind is Kind.SEMANTIC))
    config = {
        "listen": {"port": port, "workers": proxy.workers},
        "upstream": {"base_url": f"{upstream}/v1"},
        "models": {MODEL: MODEL},
        # As long as the slowest column needs: a judge that gave up would make it fast.
        "limits": {"judge_s": 60},
    }
    (folder / "unsay.yaml").write_text(json.dumps(config))
    command = Path(sys.executable).with_name("unsay")
    return [str(command), "serve", "--config", str(folder / "unsay.yaml"), "--state", str(folder)]


def _litellm(folder: Path, port: int, upstream: str) -> list[str]:
    if not LITELLM.exists():
        raise Failed("LiteLLM is not installed: make litellm, or leave its column out")
    called = {"model": f"openai/{MODEL}", "api_base": f"{upstream}/v1", "api_key": "none"}
    config = {
        "model_list": [{"model_name": MODEL, "litellm_params": called}],
        "litellm_settings": {"num_retries": 0, "telemetry": False, "set_verbose": False},
        # No key to check is the faster setting; it has to be asked for.
        "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
    }
    path = folder / "litellm.yaml"
    path.write_text(json.dumps(config))
    return [str(LITELLM), "--config", str(path), "--port", str(port), "--num_workers", "1"]
