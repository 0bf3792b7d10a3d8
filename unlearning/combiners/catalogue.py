"""All combiners by name. A recipe gives what they are made with."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from unlearning.combiners.added import Sum
from unlearning.combiners.combiner import Combiner
from unlearning.combiners.mgda import Mgda
from unlearning.combiners.primal_dual import PrimalDual
from unlearning.combiners.project import Project

COMBINERS: Final[Mapping[str, Callable[..., Combiner]]] = MappingProxyType(
    {"sum": Sum, "mgda": Mgda, "project": Project, "primal_dual": PrimalDual}
)
