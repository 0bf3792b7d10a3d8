"""Writes fold_table.txt, the look-alikes of the fold, from public data. Run by hand, never at run time.

    python -m index.make_fold_table path/to/confusables.json

The JSON is the one in the package `confusable-homoglyphs` (MIT), which is Unicode's confusables.txt.
What that leaves of fancy Latin (small capitals, squared letters) comes from `anyascii` (ISC). Only non-
ASCII characters are ever mapped: 0 and O, 1 and l, rn and m stay apart.
"""

import json
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

from anyascii import anyascii

# What the data gets wrong for our direction, or leaves out though it is used to deceive.
OURS = {"ӏ": "l", "Ӏ": "l", "ꓲ": "i", "ω": "w", "п": "n", "ш": "w", "Б": "6"}
NEVER = frozenset({"Mn", "Mc", "Me", "Cf", "Cc", "Po", "Pd", "Ps", "Pe", "Sc", "Sk", "Zs"})
FANCY = ("LATIN ", "SQUARED ", "NEGATIVE ", "CIRCLED ", "REGIONAL INDICATOR ", "CROSSED NEGATIVE ", "RAISED ")


def bare(text: str) -> str:
    """`text` without marks and format characters, decomposed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))


def plain(text: str) -> bool:
    return text.isascii() and text.isalnum()


def target(character: str, prototype: str) -> str:
    """A look-alike in lower case; Unicode writes a capital I as l, which only suits small letters."""
    if prototype == "l" and unicodedata.category(character) == "Lu":
        return "i"
    return prototype.lower()


def confusables(path: Path) -> dict[str, str]:
    """Non-ASCII characters that look like ASCII letters or digits and do not decompose to them anyway."""
    found: dict[str, str] = {}
    for character, others in json.loads(path.read_text(encoding="utf-8")).items():
        source = "".join(c for c in character if unicodedata.category(c) != "Cf")
        if len(source) != 1 or source.isascii() or unicodedata.category(source) in NEVER:
            continue
        if plain(bare(source)) or unicodedata.decimal(source, None) is not None:
            continue
        prototypes = sorted({bare(other["c"]) for other in others} - {source})
        for prototype in filter(plain, prototypes):
            found[source] = target(source, prototype)
    return found


def fancy(known: dict[str, str]) -> dict[str, str]:
    """Latin letters in disguise, by what anyascii makes of them."""
    found = {}
    for character in map(chr, range(128, sys.maxunicode + 1)):
        latin = unicodedata.name(character, "").startswith(FANCY)
        if latin and character not in known and unicodedata.normalize("NFKD", character) == character:
            ascii_form = anyascii(character).lower()
            if plain(ascii_form) and unicodedata.category(character) not in NEVER:
                found[character] = ascii_form
    return found


def both_cases(table: dict[str, str]) -> dict[str, str]:
    """The table with the other case of each letter that lacks it, so that case stays without effect."""
    found = dict(table)
    for character, ascii_form in sorted(table.items()):
        for other in (character.lower(), character.upper()):
            if len(other) == 1 and not other.isascii() and not plain(bare(other)):
                found.setdefault(other, ascii_form)
    return found


def main() -> None:
    table = confusables(Path(sys.argv[1])) | OURS
    table = both_cases(table)
    table |= fancy(table)
    lines = defaultdict(list)
    for character, ascii_form in sorted(table.items()):
        lines[ascii_form].append(f"{ord(character):X}")
    text = "".join(f"{ascii_form} {' '.join(sources)}\n" for ascii_form, sources in sorted(lines.items()))
    Path(__file__).with_name("fold_table.txt").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
