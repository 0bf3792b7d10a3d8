"""Where the gateway steers from: whether the engine obeys, and what it is told of each request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from filters.report import PromptReport
from gateway.biasing import Biasing
from gateway.config import Config, SteeringMode
from gateway.metrics import Metrics
from gateway.models import Models
from gateway.steering.canary import Obeys, Probe
from gateway.steering.directing import Directing
from gateway.steering.proof import ACTING, Ask, Proof
from gateway.upstream.client import UpstreamClient
from index.biases import read_biases
from index.snapshot import Snapshot
from policy.policy import Policy

Clock = Callable[[], datetime]
# Each is asked by a canary of its own; a gateway before more of them asks these.
MOST_MODELS = 32


def utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Helm:
    """`lasts_s`: as long as an answer may take, for so long a request may wait in the engine's queue.
    `biasing`: what a model server that does not steer is asked for.
    """

    proof: Proof
    strength: float
    lasts_s: float
    biasing: Biasing | None = None
    clock: Clock = utc

    @staticmethod
    def of(config: Config, ask: Ask, metrics: Metrics, key: bytes) -> "Helm | None":
        """None where there is nothing to do. Raises BiasError."""
        bias = config.bias
        if config.steering.mode is SteeringMode.OFF and bias is None:
            return None

        def told(obeys: Obeys) -> None:
            metrics.steering.set(obeys in ACTING)

        proof = Proof(config.steering, ask, told)
        biasing = Biasing(read_biases(bias.table, key), bias) if bias is not None else None
        return Helm(proof, config.steering.strength, config.limits.answer_s, biasing)

    @property
    def mode(self) -> SteeringMode:
        return self.proof.settings.mode

    async def onto(
        self, body: bytes, report: PromptReport, policy: Policy, snapshot: Snapshot, *, biased: bool = True
    ) -> bytes:
        """The body with what the engine is told, where it listens. An error where it must and does not.

        Not `biased`: the body is for another model than the biases are.
        """
        directing = Directing(policy, snapshot, self.strength, self.lasts_s)
        if await self.proof.steers():
            return directing.onto(body, report, self.clock())
        return (
            body if self.biasing is None or not biased else self.biasing.onto(body, directing.about(report))
        )


async def ask_all(
    client: UpstreamClient, models: Models, snapshot: Snapshot, clock: Clock = utc
) -> list[Obeys]:
    """What each model of the model server does now."""
    names = (await models.asked_for())[:MOST_MODELS]
    key, generation = snapshot.place[1], snapshot.policy_generation
    now = clock().timestamp()
    return [await Probe(client, name, key, generation).ask(now) for name in names]
