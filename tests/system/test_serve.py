"""`unsay serve` as a newcomer starts it: its own engine (`transformers serve`) and the official client."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openai import OpenAI

from evaluation.leak import leaks
from evaluation.person import Attribute, Person
from evaluation.wordings import UNKNOWN, ask, wordings
from evaluation.world import demo_world
from tests.system.gateway_process import UNSAY, ready

WORLD = demo_world()
FORGOTTEN, KNOWN = WORLD.forgotten[0], WORLD.retained[0]


@dataclass(frozen=True, slots=True)
class Served:
    process: "subprocess.Popen[bytes]"
    client: OpenAI
    state: Path

    def answer(self, text: str, *, stream: bool) -> str:
        """What the client reads; the sampling is greedy."""
        asked = self.client.chat.completions
        if not stream:
            whole = asked.create(
                model="demo", temperature=0, messages=[{"role": "user", "content": text}], max_tokens=60
            )
            return whole.choices[0].message.content or ""
        chunks = asked.create(
            model="demo",
            temperature=0,
            messages=[{"role": "user", "content": text}],
            max_tokens=60,
            stream=True,
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    policy, state = folder / "policy.yaml", folder / "state"
    policy.write_text(
        f'version: 1\nentries: [{{id: one, names: ["{FORGOTTEN.name}"], secrets: ["{FORGOTTEN.phone}"]}}]\n'
        "detectors: {semantic: null}\n"
    )
    command = [UNSAY, "serve", "--port", "0", "--policy", str(policy), "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            with OpenAI(base_url=ready(process), api_key="none", max_retries=0) as client:
                yield Served(process, client, state)
        finally:
            process.kill()


def birthplace(person: Person) -> str:
    return ask(person, Attribute.BIRTHPLACE, wordings(Attribute.BIRTHPLACE)[0]).text


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_forgotten_person_is_unknown_and_another_is_known(served: Served, stream: bool) -> None:
    assert served.answer(birthplace(FORGOTTEN), stream=stream) == UNKNOWN
    known = ask(KNOWN, Attribute.BIRTHPLACE, wordings(Attribute.BIRTHPLACE)[0])
    assert leaks(known, served.answer(known.text, stream=stream))


def test_the_public_model_name_is_listed_and_the_gateway_is_ready(served: Served) -> None:
    assert [model.id for model in served.client.models.list()] == ["demo"]


def test_ctrl_c_ends_every_process_that_was_started(served: Served) -> None:
    """The last test of this file: nothing is served after it."""
    assert len(_running_below(served.state)) >= 1
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=120) in (0, -signal.SIGINT)
    assert _running_below(served.state) == []


def _running_below(folder: Path) -> list[str]:
    """The processes that work in the folder: an engine runs beside its log."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(process.name)
        except OSError:
            continue
    return found
