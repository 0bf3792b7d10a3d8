"""What a code writes it reads back, also out of other talk and through other codes."""

import re

import pytest

from evaluation.codes import CODES, FORMS
from evaluation.codes.code import Code, chained, reader

SENTENCE = "Alden Crane was born in Tolvik in 1931 and wrote The Salt Ledger. Call 555-201-3391"
# In these a line or the whole text is one run, so that talk around it would be read with it.
WHOLE = {"an acrostic", "one letter per line"}


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


@pytest.mark.parametrize("code", FORMS.values(), ids=list(FORMS))
def test_a_code_reads_what_it_wrote(code: Code) -> None:
    written = code.encode(SENTENCE)
    assert SENTENCE not in written
    assert any(plain(SENTENCE) == plain(said) for line in code.read(written) for said in line.split("\n"))


@pytest.mark.parametrize("title", [title for title in CODES if title not in WHOLE])
def test_a_code_is_read_out_of_other_talk(title: str) -> None:
    code = CODES[title]
    said = list(code.read(f"Here it is:\n{code.encode(SENTENCE)}"))
    said += [one for line in f"Here it is:\n{code.encode(SENTENCE)}".split("\n") for one in code.read(line)]
    assert any(plain(SENTENCE) in plain(one) for one in said)


def test_codes_nest() -> None:
    codes = [CODES["ROT13"], CODES["Base64"], CODES["hexadecimal"]]
    written = chained(codes)(SENTENCE)
    assert any(SENTENCE in said for said in reader(codes)(f"Well: {written}."))


@pytest.mark.parametrize("title", ["Base64", "Base32", "hexadecimal", "Base85", "uuencoding"])
def test_a_code_that_was_cut_off_is_read_so_far(title: str) -> None:
    code = CODES[title]
    written = code.encode(SENTENCE)
    assert any("Tolvik" in said for said in code.read(written[: len(written) - 3]))
