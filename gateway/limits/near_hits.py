"""How near one request comes to forgotten passages, charged to the budget of its key.

Rule: a guess is charged before its answer tells anything, a right one and a wrong one alike. What the budget
does not hold is no guess any more: there, and from then on until the budget fills up, near is a hit.
"""

from gateway.limits.allowance import Allowance


class NearHits:
    """Of one request. `are_hits`: whether the filters must take what is near for a hit."""

    def __init__(self, budget: Allowance) -> None:
        self._budget = budget
        self._answered = 0
        self.are_hits = budget.empty

    def in_prompt(self, near: int) -> bool:
        """Whether the budget holds them; else the prompt must be scanned again."""
        if self.are_hits:
            return True
        enough = self._budget.spend(near)
        self.are_hits = not enough or self._budget.empty
        return enough

    def in_answer(self, near: int) -> None:
        """`near`: all so far that was released."""
        if near > self._answered:
            self._budget.spend(near - self._answered)
            self._answered = near
