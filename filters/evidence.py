"""Evidence is everything found about one entry in one conversation, added up over all its messages.

Rule: it carries counts and scores, never text; it is made for the audit, for session memory and for deciding
whether an answer's sentences are worth judging.
"""

from dataclasses import dataclass

from policy.surface import Role


@dataclass(frozen=True, slots=True)
class Evidence:
    """`place` is the entry's place in the snapshot; counts are of different strings, not of sightings.

    `coverage` is the share of the entry's forgotten windows that the conversation contains; `semantic` is the
    best score of the judge, minus infinity when nothing was judged or nothing came near.
    """

    entry: str
    place: int
    names: int
    secrets: int
    windows: int
    coverage: float
    semantic: float
    roles: frozenset[Role]
