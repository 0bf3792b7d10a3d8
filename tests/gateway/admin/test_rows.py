"""Sample traffic is read as people keep it, and what is wrong is told by the row's number alone."""

import json

import pytest

from gateway.admin.rows import ROW_BYTES, Row, RowError, row_of, rows_of_lines
from policy.surface import Role


def read(*lines: str, most: int = 10) -> list[Row]:
    return list(rows_of_lines([line.encode() for line in lines], most))


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ('"Hello"', Row(((Role.USER, "Hello"),))),
        ('{"prompt": "Hello", "answer": "Hi", "id": 7}', Row(((Role.USER, "Hello"),), "Hi")),
        ('{"question": "Hello", "response": "Hi"}', Row(((Role.USER, "Hello"),), "Hi")),
        (
            '{"model": "m", "messages": [{"role": "developer", "content": "Be."}, {"role": "user", "content":'
            ' [{"type": "text", "text": "One"}, {"type": "image_url"}, {"type": "text", "text": "Two"}]}]}',
            Row(((Role.SYSTEM, "Be."), (Role.USER, "One"), (Role.USER, "Two"))),
        ),
        ('{"messages": [{"role": "assistant", "content": null}]}', Row(())),
    ],
)
def test_a_row_is_a_text_or_a_conversation(line: str, row: Row) -> None:
    assert read(line) == [row]


@pytest.mark.parametrize(
    "line",
    ["{", "7", "null", "[]", '{"messages": [7]}', '{"messages": [{"role": "king", "content": "No"}]}', "{}"],
)
def test_another_row_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(RowError, match=r"^row 3: expected"):
        read('"Hello"', "", line)


def test_no_refusal_says_what_stands_in_the_row() -> None:
    with pytest.raises(RowError) as refused:
        read('{"messages": [{"role": "Alden Crane"}]}')
    assert "Alden" not in str(refused.value)


def test_there_is_an_end_to_rows_and_to_a_row() -> None:
    assert len(read(*['"Hello"'] * 10)) == 10
    with pytest.raises(RowError, match="expected at most 10 rows"):
        read(*['"Hello"'] * 11)
    with pytest.raises(RowError, match="row 1: expected at most 1,048,576 bytes"):
        read(json.dumps("a" * ROW_BYTES))
    with pytest.raises(RowError, match="row 1: expected JSON"):
        read("[" * 100_000)


def test_a_row_that_came_as_data_is_read_alike() -> None:
    assert row_of({"prompt": "Hello"}, 1) == Row(((Role.USER, "Hello"),))
