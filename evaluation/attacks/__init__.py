"""Every attack, by group: each is one row of the report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from evaluation.attack import Attack, Group
from evaluation.attacks.context import CONTEXT
from evaluation.attacks.defence import DEFENCE
from evaluation.attacks.elicitation import ELICITATION
from evaluation.attacks.obfuscated_input import INPUT
from evaluation.attacks.obfuscated_output import OUTPUT
from evaluation.attacks.passages import DRAWN, PASSAGES
from evaluation.attacks.protocol import PROTOCOL
from evaluation.attacks.utility import UTILITY

ATTACKS: Final[Mapping[Group, tuple[Attack, ...]]] = MappingProxyType(
    {
        Group.CONTEXT: (*CONTEXT, *PASSAGES),
        Group.ELICITATION: (*ELICITATION, DRAWN),
        Group.INPUT: INPUT,
        Group.OUTPUT: OUTPUT,
        Group.PROTOCOL: PROTOCOL,
        Group.DEFENCE: DEFENCE,
        Group.UTILITY: UTILITY,
    }
)
