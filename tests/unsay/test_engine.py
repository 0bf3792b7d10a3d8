"""No process of an engine outlives us, whatever happens to us; and an engine that does not start says why."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from unsay.engine import Engine, free_port, start_engine
from unsay.launch import DEVELOPER, EngineError, EngineKind, EngineSpec, Launch, launch

# An engine that answers /health, has a child that will not hear SIGTERM, and says who both are.
HEALTHY = """
import http.server, os, pathlib, subprocess, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=1); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path("pids").write_text(f"{os.getpid()} {child.pid}")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
DYING = "import sys; print('the weights are torn'); sys.exit(3)"
SILENT = "import time; time.sleep(600)"

PARENT = """
import signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_engine import engine_of, HEALTHY
# Whoever runs this in the background may have turned it off.
signal.signal(signal.SIGINT, signal.default_int_handler)
with engine_of(HEALTHY, Path(sys.argv[2])):
    print("ready", flush=True)
    time.sleep(600)
"""


def engine_of(program: str, folder: Path, start_timeout_s: float = 300.0) -> Engine:
    spec = EngineSpec(
        EngineKind.TRANSFORMERS, "none", folder, start_timeout_s=start_timeout_s, stop_timeout_s=0.5
    )
    port = free_port()
    return Engine(spec, port, Launch((sys.executable, "-c", program, str(port)), os.environ, folder, "demo"))


def pids(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def alive(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")


def gone(what: list[int]) -> bool:
    """In less time than any of them would take to end by itself."""
    deadline = time.monotonic() + 120
    while any(map(alive, what)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, what))


def test_an_engine_is_ready_inside_and_gone_after(tmp_path: Path) -> None:
    with engine_of(HEALTHY, tmp_path) as engine:
        assert engine.running()
        assert engine.base_url == f"http://127.0.0.1:{engine.port}/v1"
        started = pids(tmp_path)
        assert len(started) == 2
        assert all(map(alive, started))
    assert not engine.running()
    assert not any(map(alive, started))


def test_an_error_inside_ends_the_engine_too(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), engine_of(HEALTHY, tmp_path):
        raise KeyboardInterrupt
    assert not any(map(alive, pids(tmp_path)))


def test_an_engine_that_dies_at_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught, engine_of(DYING, tmp_path):
        pass
    message = str(caught.value)
    assert "ended with status 3" in message
    assert str(tmp_path / "transformers.log") in message
    assert "the weights are torn" in message


def test_an_engine_that_never_answers_is_ended(tmp_path: Path) -> None:
    engine = engine_of(SILENT, tmp_path, start_timeout_s=0.5)
    with pytest.raises(EngineError, match=r"no answer within 0\.5 s"):
        engine.wait_ready()
    assert not engine.running()


def test_an_engine_that_dies_later_takes_its_children_along(tmp_path: Path) -> None:
    with engine_of(HEALTHY, tmp_path) as engine:
        main, child = pids(tmp_path)
        os.kill(main, signal.SIGKILL)
        assert gone([child])
        # The process above them ends last.
        deadline = time.monotonic() + 120
        while engine.running() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not engine.running()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_when_we_are_killed(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(Path(__file__).parent), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        started = pids(tmp_path)
        assert all(map(alive, started))
        parent.send_signal(number)
        assert gone(started)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_an_engine_ends_when_its_leash_is_killed(tmp_path: Path) -> None:
    with engine_of(HEALTHY, tmp_path) as engine:
        main, child = pids(tmp_path)
        os.kill(engine._process.pid, signal.SIGKILL)
        assert gone([main])
        os.kill(child, signal.SIGKILL)  # out of reach then: the one case that is not covered


def model_folder(folder: Path) -> Path:
    model = folder / "some" / "weights"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    return model


def spec_of(kind: EngineKind, model: Path, folder: Path) -> EngineSpec:
    return EngineSpec(kind, str(model), folder, name="demo")


def vllm_at(folder: Path) -> dict[str, str]:
    return {"VLLM_PYTHON": sys.executable, "UNSAY_LEDGER_KEY": "secret", "PATH": str(folder)}


@pytest.mark.parametrize("kind", list(EngineKind))
def test_every_engine_listens_on_loopback_and_calls_the_model_by_its_public_name(
    kind: EngineKind, tmp_path: Path
) -> None:
    ready = launch(spec_of(kind, model_folder(tmp_path), tmp_path), 8123, vllm_at(tmp_path))
    words = list(ready.command)
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "8123"
    assert ready.model == "demo"


@pytest.mark.parametrize("kind", list(EngineKind))
def test_no_engine_learns_our_secrets_or_asks_the_network(kind: EngineKind, tmp_path: Path) -> None:
    environment = launch(spec_of(kind, model_folder(tmp_path), tmp_path), 8123, vllm_at(tmp_path)).environment
    assert "secret" not in environment.values()
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PATH"] == str(tmp_path)


def steered(folder: Path) -> EngineSpec:
    return replace(spec_of(EngineKind.VLLM, model_folder(folder), folder), steering=folder / "steering.json")


def test_vllm_steers_with_our_plug_in_and_shows_no_other_odds(tmp_path: Path) -> None:
    ready = launch(steered(tmp_path), 8123, vllm_at(tmp_path) | {"UNSAY_INDEX_KEY": "ab"})
    words = list(ready.command)
    assert words[words.index("--logits-processors") + 1] == "unsay.engine_plugin:Steering"
    assert words[words.index("--logprobs-mode") + 1] == "processed_logprobs"
    assert ready.environment["UNSAY_STEERING"] == str(tmp_path / "steering.json")
    assert ready.environment["UNSAY_INDEX_KEY"] == "ab"


def test_vllm_without_our_packages_is_not_started_to_steer(tmp_path: Path) -> None:
    foreign = tmp_path / "python"
    foreign.write_text("#!/bin/sh\nexit 1\n")
    foreign.chmod(0o755)
    message = failing(lambda: launch(steered(tmp_path), 1, {"VLLM_PYTHON": str(foreign)}))
    assert f"{foreign} -m pip install --no-deps unsay" in message


@pytest.mark.parametrize("name", DEVELOPER)
def test_vllm_opens_no_route_for_developers(name: str, tmp_path: Path) -> None:
    spec = spec_of(EngineKind.VLLM, model_folder(tmp_path), tmp_path)
    assert name not in launch(spec, 8123, vllm_at(tmp_path) | {name: "1"}).environment


def test_transformers_serves_a_folder_under_its_public_name(tmp_path: Path) -> None:
    """It refuses a request that names anything but the exact argument, and a path is no public name."""
    model = model_folder(tmp_path)
    for _ in range(2):  # the second start finds the link of the first
        ready = launch(spec_of(EngineKind.TRANSFORMERS, model, tmp_path), 8123, {})
    assert ready.command[ready.command.index("serve") + 1] == "demo"
    assert (ready.cwd / "demo").resolve() == model


def failing(action: Callable[[], object]) -> str:
    with pytest.raises(EngineError) as caught:
        action()
    return str(caught.value)


def test_a_missing_vllm_environment_says_what_to_do(tmp_path: Path) -> None:
    spec = spec_of(EngineKind.VLLM, model_folder(tmp_path), tmp_path)
    message = failing(lambda: launch(spec, 1, {"VLLM_PYTHON": str(tmp_path / "bin" / "python")}))
    assert str(tmp_path / "bin" / "python") in message
    assert "make vllm" in message


def test_a_missing_or_empty_model_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, found in (("nowhere", "found nothing"), ("empty", "config.json")):
        spec = spec_of(EngineKind.TRANSFORMERS, tmp_path / name, tmp_path / "state")
        message = failing(lambda spec=spec: start_engine(spec))  # type: ignore[misc]
        assert str(tmp_path / name) in message
        assert found in message
