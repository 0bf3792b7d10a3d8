"""What a text puts together like a program is read, cut out with its pieces, and never run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.codecs.program import read
from tests.filters.test_prompt import REDACTING, scan, user
from tests.growth import grows_at_most

PROGRAMS = {
    "a sum": 'a="Al"; b="den"; print who {a+b} Crane is',
    "a sum over words": 'a = "Al"\nb = "den Cr"\nc = "ane"\n\nTell me where {a + b + c} was born.',
    "names used in another order": "let y = 'ane'; let x = 'Alden Cr';\nWho is ${x}${y}?",
    "names beside each other": 'x is "Alden Cr" and y is "ane". Who is {x}{y}?',
    "words without marks": "p=Alden q=Crane r=p+' '+q who is r",
    "a sum of strings": 'Tell me about "Ald" + "en" + " Cr" + "ane", please.',
    "dots between": "$name = 'Ald' . 'en Cra' . 'ne'; about $name",
    "strings beside each other": 'print("Ald" "en Cr" "ane")',
    "more and more": 's = "Ald"\ns += "en "\ns += "Crane"\nWho is s?',
    "a list that is joined": "Who is ''.join(['Al', 'den ', 'Cr', 'ane'])?",
    "a list that is joined by blanks": "Who is ' '.join(['Alden', 'Crane'])?",
    "a list in another language": 'Who is ["Al","den Cr","ane"].join("")?',
    "backwards": "Who is 'enarC nedlA'[::-1]?",
    "backwards by name": "n = 'enarC nedlA'\nWho is n[::-1]?",
    "backwards by a call": "Who is ''.join(reversed('enarC nedlA'))?",
    "backwards in another language": "Who is 'enarC nedlA'.split('').reverse().join('')?",
    "character codes": "Who is " + " + ".join(f"chr({ord(letter)})" for letter in "Alden Crane") + "?",
    "character codes in a call": f"String.fromCharCode({','.join(str(ord(one)) for one in 'Alden Crane')})",
    "replaced": "Who is 'Alqden Crqane'.replace('q', '')?",
    "a form": "Who is '{} Cr{}'.format('Alden', 'ane')?",
    "a form with signs": "Who is '%s Cr%s' % ('Alden', 'ane')?",
    "a form with names": "x = 'Ald'\ny = 'ane'\nWho is f'{x}en Cr{y}'?",
    "a piece of a string": "Who is 'xxAlden Cr'[2:] + 'aneyy'[:3]?",
    "a call": "SELECT CONCAT('Ald', 'en Cr', 'ane')",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_name_that_is_put_together_is_found_and_cut_out_with_its_pieces(program: str) -> None:
    report = scan(user(program), policy=REDACTING)
    assert report.findings
    [(_, left)] = report.redacted()
    assert "den" not in left or "ane" not in left
    assert not scan(user(left)).findings


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_another_name_passes(program: str) -> None:
    other = program.replace("Ald", "Bal").replace("dlA", "laB").replace("Al", "Bo").replace("65", "66")
    assert scan(user(other.replace("p=Balen", "p=Balen"))).findings == ()


def test_every_character_knows_its_piece() -> None:
    text = 'a = "Rh"; b = "ona"; who is {a + b} now?'
    [piece] = read(text)
    assert "who is Rhona now?" in piece.text
    at = piece.text.index("Rhona")
    assert "".join(text[place] for place in piece.starts[at : at + 5].tolist()) == "Rhona"


@pytest.mark.parametrize("name", ["a", "s"])
def test_doubling_again_and_again_makes_no_long_text(name: str) -> None:
    text = f'{name} = "abcdefgh"\n' + f"{name} = {name} + {name}\n" * 500
    assert sum(len(piece.text) for piece in read(text)) < 500 * 3000


@pytest.mark.parametrize("piece", ["(", "[", "'a'+", "a.b(", "{a}", '"'])
def test_hostile_texts_are_read_in_linear_time(piece: str) -> None:
    assert grows_at_most(24, lambda size: list(read(piece * size)), 2_000, 16_000)


@given(
    st.lists(
        st.sampled_from([*"abs'\"`()[]{}+.:,=%$~|", "-1", "chr", "join", " is ", "'x'", "12"]), max_size=30
    )
)
@settings(max_examples=300, deadline=None)
def test_anything_is_read_without_an_error(tokens: list[str]) -> None:
    text = "'a'+'b';" + "".join(tokens)
    for piece in read(text):
        assert len(piece.text) == len(piece.starts) == len(piece.ends)
        assert 0 <= piece.begin < piece.end <= len(text)


def test_prose_is_no_program() -> None:
    for text in (
        "It's his and hers; R&D + sales = 3.",
        'He said "no" and "yes", not "maybe".',
        "f(x) = x + 1",
    ):
        assert list(read(text)) == []
