"""The policy that requests are compiled for, as it stands in its file now.

Rule: a file that cannot be used changes nothing: the last good policy is compiled for, as the gateway goes on
with it, and it is told.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from gateway.admin.compiler import Compiler
from index.encoder import Encoder
from policy.file import load_policy
from policy.policy import Policy
from policy.problem import PolicyError
from policy.seen import Look, look, look_at
from policy.signature import Trust, beside, check_signature
from policy.sources import Limits

log = logging.getLogger("unsay")


@dataclass(slots=True)
class Workshop:
    """Any thread may use it."""

    file: Path
    snapshot: Path
    key: bytes
    encoder: Encoder
    trust: Trust = field(default_factory=Trust)
    _last: Compiler | None = None
    _named: Mapping[str, Mapping[str, Look]] = field(default_factory=dict)
    _seen: tuple[object, ...] = ()
    _lock: Lock = field(default_factory=Lock)

    def compiler(self) -> Compiler:
        """Raises PolicyError where there never was a good policy."""
        with self._lock:
            if self._last is None or self._seen != self._sight(self._named):
                self._read()
            assert self._last is not None
            return self._last

    def _sight(self, named: Mapping[str, object]) -> tuple[object, ...]:
        """What the policy's files look like."""
        most = Limits().files
        found = {pattern: look_at(self.file.parent, pattern, most) for pattern in named}
        return look(self.file), look(beside(self.file)), found

    def _read(self) -> None:
        named: dict[str, Mapping[str, Look]] = {}
        seen = look(self.file), look(beside(self.file))
        try:
            policy = load_policy(self.file, seen=named)
            check_signature(self.file, policy, self.trust)
        except PolicyError as error:
            if self._last is None:
                raise
            log.error("not taken, and the last good policy is compiled for: %s", error)
        else:
            self._last = self._of(policy)
        self._named, self._seen = named, (*seen, named)

    def _of(self, policy: Policy) -> Compiler:
        return Compiler(policy, self.snapshot, self.key, None if policy.semantic is None else self.encoder)
