"""All losses and methods by name.

Rule: weights and options are those of the sources that the losses name; where a source gives several,
those of its own recipes. A recipe may change each.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from unlearning.losses.ap import ap
from unlearning.losses.embed import embed
from unlearning.losses.ga import ga
from unlearning.losses.kl import kl
from unlearning.losses.loss import Loss, Method, Term
from unlearning.losses.nll import nll
from unlearning.losses.npo import npo
from unlearning.losses.read import Kind, Part, Read
from unlearning.losses.rmu import rmu
from unlearning.losses.shred import shred
from unlearning.losses.simnpo import simnpo
from unlearning.losses.total import Unit
from unlearning.losses.uce import uce
from unlearning.losses.undial import undial
from unlearning.losses.wga import wga

_FORGET: Final = Read(Part.FORGET, Kind.FORECAST)
_FORGET_REFERENCE: Final = Read(Part.FORGET, Kind.REFERENCE)
_FORGET_LIKELIHOOD: Final = Read(Part.FORGET, Kind.LIKELIHOOD)
_RETAIN: Final = Read(Part.RETAIN, Kind.FORECAST)


def _kept(part: Part) -> tuple[Read, Read]:
    return Read(part, Kind.FORECAST), Read(part, Kind.REFERENCE)


LOSSES: Final[Mapping[str, Loss]] = MappingProxyType(
    {
        "ga": Loss(ga, (_FORGET,), Unit.TOKENS),
        "npo": Loss(npo, (_FORGET, _FORGET_LIKELIHOOD), Unit.TEXTS),
        "simnpo": Loss(simnpo, (_FORGET,), Unit.TEXTS),
        "wga": Loss(wga, (_FORGET,), Unit.TOKENS),
        "uce": Loss(uce, (_FORGET,), Unit.TOKENS),
        "undial": Loss(undial, (_FORGET, _FORGET_REFERENCE), Unit.TOKENS),
        "shred": Loss(shred, (_FORGET, _FORGET_REFERENCE), Unit.TOKENS),
        "rmu": Loss(rmu, (Read(Part.FORGET, Kind.HIDDEN),), Unit.TOKENS),
        "idk": Loss(nll, (Read(Part.ALTERNATIVE, Kind.FORECAST),), Unit.TOKENS),
        "nll": Loss(nll, (_RETAIN,), Unit.TOKENS),
        "kl": Loss(kl, _kept(Part.RETAIN), Unit.TOKENS),
        "ap": Loss(ap, (_RETAIN, Read(Part.DECLINED, Kind.FORECAST)), Unit.TEXTS),
        "embed": Loss(
            embed, (Read(Part.RETAIN, Kind.HIDDEN), Read(Part.RETAIN, Kind.REFERENCE_HIDDEN)), Unit.TOKENS
        ),
        "neighbour_nll": Loss(nll, (Read(Part.NEIGHBOUR, Kind.FORECAST),), Unit.TOKENS),
        "neighbour_kl": Loss(kl, _kept(Part.NEIGHBOUR), Unit.TOKENS),
        "contextual_kl": Loss(kl, _kept(Part.CONTEXT), Unit.TOKENS),
    }
)

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "ga": Method((Term("ga"),)),
        "graddiff": Method((Term("ga"), Term("nll"))),
        "npo": Method((Term("npo"), Term("nll"))),
        "simnpo": Method((Term("simnpo", 0.125), Term("nll"))),
        "wga": Method((Term("wga"), Term("nll"))),
        "uce": Method((Term("uce"), Term("nll"))),
        "undial": Method((Term("undial"),)),
        "shred": Method((Term("shred"),)),
        "rmu": Method((Term("rmu"), Term("embed", 100.0))),
        "idk_ap": Method((Term("idk"), Term("ap"))),
        "icu": Method((Term("ga"), Term("neighbour_nll", 0.5), Term("neighbour_kl"))),
        "mollm": Method((Term("uce"), Term("kl"), Term("nll")), "mgda"),
    }
)
