"""All losses and methods by name.

Rule: weights and options are those of the sources that the losses name; where a source gives several,
those of its own recipes. A recipe may change each.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from unlearning.losses.ap import ap
from unlearning.losses.ceu import ceu
from unlearning.losses.chen import chen_negative, chen_positive
from unlearning.losses.divergence_distil import divergence_distil
from unlearning.losses.dpo import dpo
from unlearning.losses.embed import embed
from unlearning.losses.flatten import flatten
from unlearning.losses.ga import ga
from unlearning.losses.kl import kl
from unlearning.losses.loss import Loss, Method, Term
from unlearning.losses.me import me
from unlearning.losses.nll import nll
from unlearning.losses.npo import npo
from unlearning.losses.read import Kind, Part, Read
from unlearning.losses.rmu import rmu
from unlearning.losses.satimp import satimp
from unlearning.losses.shred import shred
from unlearning.losses.simnpo import simnpo
from unlearning.losses.total import Total, Unit
from unlearning.losses.uce import uce
from unlearning.losses.undial import undial
from unlearning.losses.wga import wga

_FORGET: Final = Read(Part.FORGET, Kind.FORECAST)
_FORGET_REFERENCE: Final = Read(Part.FORGET, Kind.REFERENCE)
_FORGET_LIKELIHOOD: Final = Read(Part.FORGET, Kind.LIKELIHOOD)
_FORGET_HIDDEN: Final = Read(Part.FORGET, Kind.HIDDEN)
_RETAIN: Final = Read(Part.RETAIN, Kind.FORECAST)
_ALTERNATIVE: Final = Read(Part.ALTERNATIVE, Kind.FORECAST)


def _kept(part: Part) -> tuple[Read, Read]:
    return Read(part, Kind.FORECAST), Read(part, Kind.REFERENCE)


def _by_token(function: Callable[..., Total], *reads: Read) -> Loss:
    return Loss(function, reads, Unit.TOKENS)


def _by_text(function: Callable[..., Total], *reads: Read) -> Loss:
    return Loss(function, reads, Unit.TEXTS)


LOSSES: Final[Mapping[str, Loss]] = MappingProxyType(
    {
        "ga": _by_token(ga, _FORGET),
        "npo": _by_text(npo, _FORGET, _FORGET_LIKELIHOOD),
        "simnpo": _by_text(simnpo, _FORGET),
        "dpo": _by_text(
            dpo, _FORGET, _FORGET_LIKELIHOOD, _ALTERNATIVE, Read(Part.ALTERNATIVE, Kind.LIKELIHOOD)
        ),
        "idk": _by_token(nll, _ALTERNATIVE),
        "me": _by_token(me, _FORGET),
        "wga": _by_token(wga, _FORGET),
        "satimp": _by_token(satimp, _FORGET),
        "uce": _by_token(uce, _FORGET),
        "undial": _by_token(undial, _FORGET, _FORGET_REFERENCE),
        "ceu": _by_token(ceu, _FORGET),
        "shred": _by_token(shred, _FORGET, _FORGET_REFERENCE),
        "flatten": _by_token(flatten, _FORGET),
        "rmu": _by_token(rmu, _FORGET_HIDDEN),
        "chen_negative": _by_text(chen_negative, _FORGET_HIDDEN, Read(Part.FORGET, Kind.REFERENCE_HIDDEN)),
        "chen_positive": _by_text(chen_positive, _FORGET_HIDDEN, Read(Part.ALTERNATIVE, Kind.CENTRES)),
        "divergence_distil": _by_token(
            divergence_distil, _FORGET, _FORGET_REFERENCE, Read(Part.FORGET, Kind.SHIFT)
        ),
        "nll": _by_token(nll, _RETAIN),
        "kl": _by_token(kl, *_kept(Part.RETAIN)),
        "ap": _by_text(ap, _RETAIN, Read(Part.DECLINED, Kind.FORECAST)),
        "embed": _by_token(embed, Read(Part.RETAIN, Kind.HIDDEN), Read(Part.RETAIN, Kind.REFERENCE_HIDDEN)),
        "contextual_kl": _by_token(kl, *_kept(Part.CONTEXT)),
        "neighbour_nll": _by_token(nll, Read(Part.NEIGHBOUR, Kind.FORECAST)),
        "neighbour_kl": _by_token(kl, *_kept(Part.NEIGHBOUR)),
    }
)

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "ga": Method((Term("ga"),)),
        "graddiff": Method((Term("ga"), Term("nll"))),
        "kl": Method((Term("ga"), Term("kl"))),
        "npo": Method((Term("npo"), Term("nll"))),
        "npo_kl": Method((Term("npo"), Term("kl"))),
        "simnpo": Method((Term("simnpo", 0.125), Term("nll"))),
        "dpo": Method((Term("dpo"), Term("nll"))),
        "idk": Method((Term("idk"), Term("nll"))),
        "idk_ap": Method((Term("idk"), Term("ap"))),
        "me": Method((Term("me", 0.1), Term("nll"))),
        "wga": Method((Term("wga"), Term("nll"))),
        "satimp": Method((Term("satimp", 0.1), Term("nll"))),
        "uce": Method((Term("uce"), Term("nll"))),
        "undial": Method((Term("undial"),)),
        "ceu": Method((Term("ceu"),)),
        "shred": Method((Term("shred"),)),
        "rmu": Method((Term("rmu"), Term("embed", 100.0))),
        "icu": Method((Term("ga"), Term("neighbour_nll", 0.5), Term("neighbour_kl"))),
        "chen": Method((Term("chen_negative"), Term("chen_positive"), Term("nll"))),
        "divergence_distil": Method((Term("divergence_distil"), Term("nll"))),
        "mollm": Method((Term("uce"), Term("kl"), Term("nll")), "mgda"),
        "gru": Method((Term("ga"), Term("nll")), "project"),
        "pdu": Method((Term("flatten"), Term("nll")), "primal_dual"),
    }
)
