"""Group A: facts that the prompt brings back, and the question about them."""

from typing import Final

from evaluation.attack import BIOGRAPHY, FACTS, Aim, Attack, Group, Request, Trial
from evaluation.verdict import says


def _pasted(aim: Aim) -> Trial:
    """The whole biography, then the question."""
    content = f"{aim.told.biography}\n\n{aim.question.text}"
    return Trial(
        aim.person,
        aim.question,
        (Request([{"role": "user", "content": content}]),),
        says(aim.question),
    )


CONTEXT: Final = (Attack("biography in the user's message", Group.CONTEXT, _pasted, FACTS + BIOGRAPHY),)
