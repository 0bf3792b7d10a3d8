"""How each engine is started: its command line, its environment, and the name it gives the model.

The rule: loopback only, no telemetry, no network where the model is a folder, none of vLLM's routes for
developers, and the same public name for the model whatever its path is.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from sys import executable

HOST = "127.0.0.1"
KEY, SETTINGS = "UNSAY_INDEX_KEY", "UNSAY_STEERING"
PLUGIN = "unsay.engine_plugin:Steering"
# With these vLLM opens routes that change the model, or answers past the class that steers.
DEVELOPER = (
    "VLLM_ALLOW_INSECURE_SERIALIZATION",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING",
    "VLLM_ENABLE_RESPONSES_API_STORE",
    "VLLM_SERVER_DEV_MODE",
    "VLLM_TORCH_PROFILER_DIR",
    "VLLM_USE_RUST_FRONTEND",
)


class EngineError(RuntimeError):
    """An engine could not be started, or ended; the message says what to do."""


class EngineKind(StrEnum):
    TRANSFORMERS = "transformers"
    VLLM = "vllm"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What to serve. `model` is a folder or a name on the hub, `folder` keeps the log.

    `steering` is the settings file of the plug-in that vLLM then loads.
    """

    kind: EngineKind
    model: str
    folder: Path
    name: str = "demo"
    port: int | None = None
    arguments: tuple[str, ...] = ()
    steering: Path | None = None
    start_timeout_s: float = 300.0
    stop_timeout_s: float = 10.0

    @property
    def log(self) -> Path:
        return self.folder / f"{self.kind}.log"

    @property
    def local(self) -> bool:
        return Path(self.model).is_dir()


@dataclass(frozen=True, slots=True)
class Launch:
    """One command, ready to run in `cwd`; `model` is what a request to this engine must name."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: Path
    model: str


def launch(spec: EngineSpec, port: int, environment: Mapping[str, str]) -> Launch:
    _check_model(spec)
    match spec.kind:
        case EngineKind.TRANSFORMERS:
            return _transformers(spec, port, environment)
        case EngineKind.VLLM:
            return _vllm(spec, port, environment)


def _check_model(spec: EngineSpec) -> None:
    path = Path(spec.model)
    if path.is_dir() and not (path / "config.json").is_file():
        raise EngineError(f"model {path}: expected a folder with a config.json. Name another folder.")
    if not path.exists() and (path.is_absolute() or spec.model.startswith(".")):
        raise EngineError(
            f"model {path}: expected a folder with weights, found nothing. Name another folder."
        )


def _transformers(spec: EngineSpec, port: int, environment: Mapping[str, str]) -> Launch:
    """`transformers serve` accepts only the exact words of its argument as a model name, a path included.

    So a local model is linked under its public name and served from beside that link.
    """
    if find_spec("transformers") is None:
        raise EngineError(
            f"engine transformers: expected the package transformers for {executable}, found none. "
            "Install it with `pip install 'unsay[embedded]'`."
        )
    model = spec.name if spec.local else spec.model
    if spec.local:
        _link(spec.folder / spec.name, Path(spec.model).resolve())
    command = (executable, "-P", "-m", "transformers.cli.transformers", "serve", model, "--host", HOST)
    options = ("--port", str(port), "--device", "cpu", "--dtype", "float32")
    return Launch((*command, *options, *spec.arguments), _quiet(spec, environment), spec.folder, model)


def _vllm(spec: EngineSpec, port: int, environment: Mapping[str, str]) -> Launch:
    python = vllm_python(environment)
    model = str(Path(spec.model).resolve()) if spec.local else spec.model
    # Its module, because the `vllm` command asks for the metadata of a package that the CPU build is not.
    command = (str(python), "-P", "-m", "vllm.entrypoints.openai.api_server", "--model", model)
    naming = ("--served-model-name", spec.name, "--host", HOST, "--port", str(port))
    options = ("--enforce-eager", *(() if _has_gpu() else ("--dtype", "float32")))
    own = {**_quiet(spec, environment), **_steered(spec, environment)}
    quiet = {name: value for name, value in own.items() if name not in DEVELOPER}
    quiet |= {"VLLM_HOST_IP": HOST, "VLLM_NO_USAGE_STATS": "1"}
    quiet.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    steering = _plugin(python) if spec.steering else ()
    return Launch((*command, *naming, *options, *steering, *spec.arguments), quiet, spec.folder, spec.name)


def _plugin(python: Path) -> tuple[str, ...]:
    """The odds that a client may see are those after steering."""
    check = "from unsay.origin import check_origin; check_origin(('policy', 'index', 'steering', 'unsay'))"
    try:
        subprocess.run([python, "-P", "-c", check], capture_output=True, timeout=60, check=True)
    except subprocess.SubprocessError:
        raise EngineError(
            f"engine vllm: expected Unsay beside vLLM in the environment of {python}, found none that it can "
            f"use. Run `make vllm` or `{python} -m pip install --no-deps unsay`, or serve --steering off."
        ) from None
    return ("--logits-processors", PLUGIN, "--logprobs-mode", "processed_logprobs")


def _steered(spec: EngineSpec, environment: Mapping[str, str]) -> dict[str, str]:
    """The key only where it stands in the environment: else the settings name its file."""
    if spec.steering is None:
        return {}
    key = {KEY: environment[KEY]} if KEY in environment else {}
    return {SETTINGS: str(spec.steering.resolve()), **key}


def _has_gpu() -> bool:
    """By the same sign as the Makefile, which installs the build of vLLM for it."""
    return which("nvidia-smi") is not None


def vllm_python(environment: Mapping[str, str]) -> Path:
    """The interpreter that has vLLM: VLLM_PYTHON, or that of `.venv-vllm` beside our own environment."""
    ours = Path(executable).parent.parent
    python = Path(environment.get("VLLM_PYTHON") or ours.parent / ".venv-vllm" / "bin" / "python")
    if not os.access(python, os.X_OK):
        raise EngineError(
            f"engine vllm: expected an interpreter with vLLM at {python}, found none. "
            "Run `make vllm`, or set VLLM_PYTHON to the python of an environment that has vLLM."
        )
    return python.absolute()


def _quiet(spec: EngineSpec, environment: Mapping[str, str]) -> dict[str, str]:
    """None of the gateway's secrets, no telemetry, no network for local weights."""
    kept = {name: value for name, value in environment.items() if not name.startswith("UNSAY_")}
    offline = {"HF_HUB_OFFLINE": "1"} if spec.local else {}
    return {**kept, **offline, "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def _link(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)
