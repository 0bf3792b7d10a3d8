"""A date is the same date however it is written, and entries that speak of it are found by it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.date_index import DateIndex
from index.dates import date_wordings, dates

KEY, OTHER = b"k" * 32, b"o" * 32
DAYS = st.dates(min_value=date(1000, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "born on June 30, 1975",
        "the 30th of June, 1975",
        "30 June 1975",
        "on the 30th day of June 1975",
        "June 30th 1975",
        "Jun. 30, 1975",
        "06/30/1975",
        "30/06/1975",
        "1975-06-30",
    ],
)
def test_ways_of_writing_one_date(text: str) -> None:
    assert (1975, 6, 30) in set(dates(text))


@given(DAYS)
def test_every_wording_of_a_date_reads_as_that_date(day: date) -> None:
    said = list(date_wordings(day.isoformat()))
    assert said
    for wording in said:
        assert (day.year, day.month, day.day) in set(dates(wording))


def test_no_date_is_read_into_other_numbers() -> None:
    assert not list(dates("Room 30, floor 6, since 1975; 13/2024 pages; may 5 people come"))
    assert not list(date_wordings("45/45/1975"))


def test_an_entry_is_found_by_its_date_and_only_with_the_key() -> None:
    index = DateIndex.build(
        [["Born on 06/30/1975."], ["Died on 1 May 2001.", "30 June 1975 was a Monday."]], KEY
    )
    assert index.of("Who was born on June 30, 1975?", KEY) == {0, 1}
    assert index.of("What happened on May 1st, 2001?", KEY) == {1}
    assert index.of("What happened on May 2nd, 2001?", KEY) == frozenset()
    assert index.of("Who was born on June 30, 1975?", OTHER) == frozenset()


def test_an_index_without_dates_finds_nothing() -> None:
    assert DateIndex.build([["nothing"]], KEY).of("June 30, 1975", KEY) == frozenset()
