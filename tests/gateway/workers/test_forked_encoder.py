"""The encoder is loaded before workers are forked: each of them encodes as if it had loaded its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.canned import Canned, whole
from tests.gateway.running import NOTICE
from tests.gateway.served import ENTRY, policy_text, refused, served, until

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
from hashlib import sha256
from unsay.threads import one_thread_each
one_thread_each()
from gateway.workers.child import Family
from index.encoder import MiniLM
from index.rotation import rotation
encoder, key, family = MiniLM(), bytes(32), Family()
encoder.load()
texts = ["Where was Alden Crane born?", "A crane flew over the lake."] * 20
def encode():
    return sha256((encoder.encode(texts) @ rotation(key, encoder.dimension)).tobytes()).hexdigest()
children = [family.fork("worker", lambda line: line.send(encode())) for _ in range(2)]
print(*(child.line.recv() for child in children), *(child.ended() for child in children), encode(), sep="\\n")
"""


@pytest.mark.long
def test_forked_workers_encode_byte_for_byte_as_their_parent() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    first, second, *ends, parent = run.stdout.split("\n")[:5]
    assert first == second == parent
    assert ends == ["status 0", "status 0"]


@pytest.mark.long
def test_workers_take_a_new_snapshot_with_meaning_while_they_judge(canned: Canned, tmp_path: Path) -> None:
    """A library's helper threads, lost in the fork, would let this wait for ever."""
    canned.play(whole({"choices": [{"index": 0, "message": {"content": "Yes."}, "finish_reason": "stop"}]}))
    stone = {"id": "stone", "questions": [{"question": "Where was Bella Stone born?", "answer": "Marlow"}]}
    meaning: dict[str, Any] = {"detectors": {"semantic": {}}}
    (tmp_path / "policy.yaml").write_text(policy_text(ENTRY, **meaning))
    with served(canned.base_url, tmp_path) as gateway:
        gateway.policy(ENTRY, stone, **meaning)
        until(lambda: gateway.number("unsay_snapshot_generation") == 2, 90)
        asked = gateway.of_each(lambda worker: worker.chat("Where was Bella Stone born?"))
        assert [refused(one, NOTICE) for one in asked] == [True, True]
        assert "did not take" not in gateway.log
