"""A request's strings, and what was found in each."""

from dataclasses import dataclass

from policy.finding import Finding
from policy.surface import Role
from policy.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Segment:
    """One string of a request, and where it stands in the body. `message` is -1 where it is in no message.

    `begins`: of a text that has choices of its own, the first that goes on with it; `goes_on`: be it in the
    middle of a word.
    """

    role: Role
    text: str
    message: int
    path: tuple[str | int, ...]
    begins: int | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a prompt; its span counts from the start of `segments[segment].text`. `view`: the codes it
    was read in, the outermost first, where it does not stand there as it is.
    """

    segment: int
    finding: Finding
    verdict: Verdict
    view: str = ""
