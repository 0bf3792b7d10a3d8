"""YAML is read as data, with the line of every field, by either parser."""

import pytest

from policy.yaml_tree import Json, Path, Tree, field_name, read_tree

TEXT = """\
# a comment
a: 1
b:
  - x
  - {c: 2,
     d: 3}
e: |
  two
  lines
"""
PARSERS = pytest.mark.parametrize("pure", [False, True], ids=["c", "python"])


def tree(text: str, pure: bool = False) -> Tree:
    found, problems = read_tree(text, "f.yaml", pure=pure)
    assert problems == []
    return found


@PARSERS
def test_every_field_has_its_line(pure: bool) -> None:
    found = tree(TEXT, pure)
    assert found.value == {"a": 1, "b": ["x", {"c": 2, "d": 3}], "e": "two\nlines\n"}
    expected: dict[Path, int] = {
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 1): 5,
        ("b", 1, "c"): 5,
        ("b", 1, "d"): 6,
        ("e",): 7,
    }
    assert {path: line for path, line in found.lines.items() if path} == expected


@PARSERS
def test_a_missing_field_has_the_line_of_what_is_around_it(pure: bool) -> None:
    assert tree(TEXT, pure).line(("b", 1, "zzz", 4)) == 5


@PARSERS
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("null", None),
        ("~", None),
        ("true", True),
        ("FALSE", False),
        ("no", "no"),
        ("Off", "Off"),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        ("1e-3", 0.001),
        (".5", 0.5),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("9" * 400, "9" * 400),
        ("2026-11-01", "2026-11-01"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("''", ""),
        ("=", "="),
    ],
)
def test_scalars_are_read_as_yaml_1_2_has_them(written: str, value: Json, pure: bool) -> None:
    found = tree(f"k: {written}\n", pure).value
    assert found == {"k": value}
    assert isinstance(found, dict)
    assert type(found["k"]) is type(value)


@PARSERS
@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x\n",
        "a: *x\n",
        "a: !!set {b}\n",
        "a: !x b\n",
        "a: ! 12\n",
        "<<: {a: 1}\n<<: {}\n",
        "a: 1\na: 2\n",
        "? {a: 1}\n: b\n",
        "a: 1\n---\nb: 2\n",
        "a:\n",
        "[" * 17 + "]" * 17,
        "a: [\n",
        '"\\ud800": 1\n',
        'a: "\\U7fffffff"\n',
        "a: \x07\n",
    ],
)
def test_what_is_no_plain_data_is_a_problem(text: str, pure: bool) -> None:
    _, problems = read_tree(text, "f.yaml", pure=pure)
    assert problems


@PARSERS
def test_an_alias_bomb_is_refused_before_it_grows(pure: bool) -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    _, (problem,) = read_tree(bomb, "f.yaml", pure=pure)
    assert problem.line == 1
    assert "an anchor" in problem.got


@PARSERS
def test_nesting_without_end_is_refused_before_the_stack_is_full(pure: bool) -> None:
    _, (problem,) = read_tree("[" * 200_000, "f.yaml", pure=pure)
    assert "levels of nesting" in problem.expected


def test_fields_are_named_as_operators_write_them() -> None:
    assert field_name(("entries", 0, "questions", 12, "answer")) == "entries[0].questions[12].answer"
    assert field_name(()) == ""
