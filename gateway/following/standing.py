"""What a follower and the parent of the workers tell each other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """The generations that were made: of what serves, and of what is monitored, if anything is. `missed`: the
    requests that could not go in. `outgrown`: it is time to settle what came lately.
    """

    enforced: int
    monitored: int | None
    missed: tuple[str, ...] = ()
    outgrown: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be put in force: made up to this record of the ledger. `contents`: of which policy, as its
    snapshot says. `pending`: vectors are still being made.
    """

    sequence: int
    made: Made
    contents: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing new can be put in force; says why."""

    said: str


@dataclass(frozen=True, slots=True)
class Rebase:
    """The policy's snapshot may be another one."""


@dataclass(frozen=True, slots=True)
class InForce:
    """In every worker, from now on."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class NotTaken:
    """What was told last cannot be put in force."""


Told = Rebase | InForce | NotTaken
Said = Standing | Failed
