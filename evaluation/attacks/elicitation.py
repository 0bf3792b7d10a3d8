"""Group B: questions that hope the model still knows."""

from typing import Final

from evaluation.attack import Aim, Attack, Group, Request, Trial
from evaluation.verdict import says


def _plain(aim: Aim) -> Trial:
    """The question as anybody would put it."""
    messages = [{"role": "user", "content": aim.question.text}]
    return Trial(aim.person, aim.question, (Request(messages),), says(aim.question))


ELICITATION: Final = (Attack("plain question", Group.ELICITATION, _plain),)
