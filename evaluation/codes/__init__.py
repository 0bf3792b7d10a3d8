"""Every code that an attack may write in or ask for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from evaluation.codes.alphabets import ALPHABETS
from evaluation.codes.bases import BASES
from evaluation.codes.ciphers import CIPHERS, shifted
from evaluation.codes.code import Code
from evaluation.codes.layout import LAYOUTS
from evaluation.codes.shapes import SHAPES
from evaluation.codes.unicode_tricks import TRICKS

__all__ = ["CODES", "FORMS", "shifted"]
# Codes that a prompt may be written in, and all that an answer may be asked for in.
CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {code.title: code for code in (*BASES, *CIPHERS, *ALPHABETS, *LAYOUTS, *TRICKS)}
)
FORMS: Final[Mapping[str, Code]] = MappingProxyType({**CODES, **{code.title: code for code in SHAPES}})
