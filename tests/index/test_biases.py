"""A table of biases is read as it was written, by who has its key, or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.biases import Bias, BiasError, read_biases, write_biases

KEY = bytes(range(32))
SECRET = "Quern Hollow"
biases = st.builds(
    Bias,
    st.lists(st.integers(0, 2**31)).map(tuple),
    st.lists(st.text(st.characters(codec="utf-8"))).map(tuple),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("biases")


@given(st.dictionaries(st.integers(0, 2**63 - 1), biases))
def test_it_is_read_as_it_was_written(folder: Path, table: dict[int, Bias]) -> None:
    write_biases(folder / "table", KEY, table)
    assert read_biases(folder / "table", KEY) == table


def test_without_the_key_it_tells_nothing(folder: Path) -> None:
    table = {7: Bias((1, 2), (SECRET,) * 20)}
    write_biases(folder / "one", KEY, table)
    write_biases(folder / "other", KEY, table)
    one, other = ((folder / name).read_bytes() for name in ("one", "other"))
    assert SECRET.encode() not in one
    assert one[60:] != other[60:]
    assert len({one[at : at + len(SECRET)] for at in range(100, 300)}) == 200
    assert (folder / "one").stat().st_mode & 0o077 == 0
    with pytest.raises(BiasError, match="another key"):
        read_biases(folder / "one", bytes(32))


@given(st.data())
def test_a_bit_that_was_turned_is_refused(folder: Path, data: st.DataObject) -> None:
    write_biases(folder / "whole", KEY, {7: Bias((1,), (SECRET,))})
    turned = bytearray((folder / "whole").read_bytes())
    turned[data.draw(st.integers(0, len(turned) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (folder / "turned").write_bytes(turned)
    with pytest.raises(BiasError):
        read_biases(folder / "turned", KEY)


def test_another_file_is_refused(folder: Path) -> None:
    (folder / "text").write_text("no table")
    with pytest.raises(BiasError, match="no table"):
        read_biases(folder / "text", KEY)
