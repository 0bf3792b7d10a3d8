"""What is banned whatever stands before it, under the rules of one request.

Rule: found once for each state of the rules, so that a step has only to tell where a unit begins.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from steering.fixed import BROKEN, JUNK, Fixed
from steering.line import Line
from steering.rules import Rules


class Always(NamedTuple):
    """`anywhere`: also where they go on with an open unit; `broken` has to be tried."""

    tokens: NDArray[np.int32]
    leads: NDArray[np.uint8]
    anywhere: NDArray[np.bool_]
    broken: tuple[int, ...]

    @classmethod
    def of(cls, fixed: Fixed, rules: Rules) -> Self:
        pairs = fixed.pairs
        single = np.unique(pairs.tokens[rules.forbid(pairs.owners, pairs.digests)])
        several = [number for number, _ in fixed.alone if rules.forbids_end(fixed.completes(number, ""))]
        anywhere = [
            number
            for number, is_so in fixed.alone
            if is_so and rules.forbids_end(fixed.completes(number, JUNK))
        ]
        tokens = np.union1d(single, np.array(several + anywhere, dtype=np.int32)).astype(np.int32)
        leads = fixed.leads[tokens]
        return cls(tokens, leads, np.isin(tokens, anywhere), tuple(tokens[leads == BROKEN].tolist()))

    def behind(self, line: Line) -> NDArray[np.int32]:
        """Those of them that begin a unit here, or need none."""
        fresh = np.ones(len(self.tokens), dtype=np.bool_)
        if line.opened and not line.rest:
            fresh = ~np.isin(self.leads, line.joining)
        if line.rest:
            fresh &= self.leads != BROKEN
        found: NDArray[np.int32] = self.tokens[fresh | self.anywhere]
        return found
