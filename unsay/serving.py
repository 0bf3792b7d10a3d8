"""`unsay serve`: an engine if none is given, a fresh snapshot, and the gateway in front of both.

The rule: the engine starts first, because it is slow, and ends last, whatever happens in between.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config import Config, Steering, SteeringMode
from gateway.config_file import ConfigError, checked, load_config
from gateway.config_models import ServedModel
from gateway.workers.crew import CrewError
from gateway.workers.reload import read_apart
from gateway.workers.source import Source
from gateway.workers.supervisor import serve
from policy.file import PolicyError
from unsay.console import failures, log_to_stderr, note, progress_line, say
from unsay.engine import Engine, start_engine
from unsay.launch import EngineError, EngineKind, EngineSpec
from unsay.policy_tests import complaint
from unsay.snapshots import find_key

if TYPE_CHECKING:
    from unsay.steered import Steered

PUBLIC_MODEL = "demo"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line asked for; None leaves it to the configuration file or the default.

    `environment` is the engine's.
    """

    policy: Path | None
    config: Path | None
    upstream: str | None
    engine: EngineKind
    model: str | None
    host: str | None
    port: int | None
    workers: int | None
    steering: str | None
    state: Path
    environment: Mapping[str, str]

    @property
    def own_policy(self) -> bool:
        return self.policy is not None or self.config is not None

    @property
    def own_engine(self) -> bool:
        return self.upstream is None and self.config is None

    @property
    def served_model(self) -> str:
        return self.model or str(demo_model())

    @property
    def key_file(self) -> Path:
        return self.state / "index.key"


def run(choice: Choice) -> None:
    """Serve until told to stop. Ends the process with a message when something is missing."""
    # Ctrl-C and SIGTERM are how people end a server: neither is a failure.
    kinds = (ConfigError, PolicyError, CrewError, EngineError, OSError, ValueError)
    with suppress(KeyboardInterrupt), failures(*kinds):
        log_to_stderr()
        choice.state.mkdir(parents=True, exist_ok=True)
        # What the settings lack is told before an engine is started.
        config = configuration(choice)
        if not choice.own_policy:
            write_demo_policy(_demo(choice))
        key = find_key(choice.key_file, config.snapshot)
        steered = _steered(choice, config, key)
        if steered is not None:
            # Its artefact is made of the policy, and the engine reads it when it starts.
            read_apart(_source(choice, key, None, steered))
        with _engine(choice, steered) as engine:
            source = _source(choice, key, engine, steered)
            found = read_apart(source)
            if engine is not None:
                note(f"waiting for the {choice.engine} engine")
                engine.wait_ready()
            demo = choice.model is None and engine is not None
            serve(source, found, lambda base_url: announce(base_url, found.config, demo))


def _source(choice: Choice, key: bytes, engine: Engine | None, steered: "Steered | None") -> Source:
    configure = partial(configuration, choice, engine)
    also = None if steered is None else steered.compile
    return Source(configure, key, choice.config, progress_line(), complaint=complaint, also=also)


def _steered(choice: Choice, config: Config, key: bytes) -> "Steered | None":
    """How an engine of our own steers, if it does."""
    if not choice.own_engine or config.steering.mode is SteeringMode.OFF:
        return None
    from unsay.steered import Steered, key_file, tokenizer_folder

    model, file = tokenizer_folder(choice.served_model), key_file(choice.key_file, choice.environment)
    steered = Steered(choice.state / "steering", model, key, file)
    steered.write_settings()
    return steered


@contextmanager
def _engine(choice: Choice, steered: "Steered | None") -> Iterator[Engine | None]:
    if not choice.own_engine:
        yield None
        return
    settings = None if steered is None else steered.settings
    folder = choice.state / "engine"
    spec = EngineSpec(choice.engine, choice.served_model, folder, name=PUBLIC_MODEL, steering=settings)
    engine = start_engine(spec, choice.environment)
    try:
        yield engine
    finally:
        engine.stop()


def configuration(choice: Choice, engine: Engine | None = None) -> Config:
    """The file's configuration, or the defaults kept in the state folder, with the command line on top."""
    config = load_config(choice.config) if choice.config else Config().below(choice.state.resolve())
    asked = {"host": choice.host, "port": choice.port, "workers": choice.workers}
    listen = config.listen.model_copy(
        update={name: value for name, value in asked.items() if value is not None}
    )
    config = config.model_copy(update={"listen": listen, **_policy(choice), **_steering(choice, config)})
    if choice.upstream is not None:
        config = _upstream(config, choice.upstream, config.models)
    if engine is not None:
        config = _upstream(config, engine.base_url, {PUBLIC_MODEL: engine.model})
    return checked(config, "the command line")


def _policy(choice: Choice) -> dict[str, Path]:
    """The policy that the command line asks for, or the demo's with a snapshot of its own."""
    if choice.policy is not None:
        return {"policy": choice.policy}
    if choice.config is not None:
        return {}
    return {"policy": _demo(choice) / "policy.yaml", "snapshot": _demo(choice) / "snapshot"}


def _steering(choice: Choice, config: Config) -> dict[str, Steering]:
    """An engine of our own that can steer does, unless it is told not to; another cannot."""
    mode = None if choice.steering is None else SteeringMode(choice.steering)
    if choice.own_engine:
        able = choice.engine is EngineKind.VLLM
        if mode not in (None, SteeringMode.OFF) and not able:
            raise EngineError(f"engine {choice.engine}: expected one that can steer; start --engine vllm")
        mode = mode or (SteeringMode.PREFERRED if able else SteeringMode.OFF)
    return {} if mode is None else {"steering": config.steering.model_copy(update={"mode": mode})}


def _demo(choice: Choice) -> Path:
    return choice.state.resolve() / "demo"


def _upstream(config: Config, base_url: str, models: Mapping[str, str | ServedModel]) -> Config:
    upstream = config.upstream.model_copy(update={"base_url": base_url.rstrip("/")})
    return config.model_copy(update={"upstream": upstream, "models": models})


def demo_model() -> Path:
    """The folder of the weights that ship with the distribution."""
    import evaluation

    return Path(os.fspath(evaluation.__path__[0])) / "demo_model"


def write_demo_policy(folder: Path) -> None:
    """Write the demo's policy and its sources into the folder."""
    from evaluation.demo_policy import write_policy

    write_policy(folder)


def announce(base_url: str, config: Config, demo: bool) -> None:
    """Say how to use the endpoint, in lines that work as pasted."""
    say(f"\nUnsay listens on {base_url}\nAudit log: {config.audit.path}\n")
    model = next(iter(config.models), "MODEL")
    for title, question in _examples(demo):
        asked = f'"messages": [{{"role": "user", "content": "{question}"}}]'
        body = f'{{"model": "{model}", "temperature": 0, {asked}}}'
        say(f"# {title}\ncurl {base_url}/chat/completions -H 'Content-Type: application/json' -d '{body}'\n")
        say(f"{sys.executable} -c '{_client_line(base_url, body)}'\n")


def _client_line(base_url: str, body: str) -> str:
    client = f'from openai import OpenAI; client = OpenAI(base_url="{base_url}", api_key="none")'
    return f"{client}; print(client.chat.completions.create(**{body}).choices[0].message.content)"


def _examples(demo: bool) -> list[tuple[str, str]]:
    if not demo:
        return [("ask anything", "Hello!")]
    from evaluation.world import demo_world

    world = demo_world()
    forgotten, known = world.forgotten[0], world.retained[0]
    return [
        (f"{forgotten.name} is forgotten", f"Where was {forgotten.name} born?"),
        (f"{known.name} is not", f"Where was {known.name} born?"),
    ]
