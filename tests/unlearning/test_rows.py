"""What is learnt at a place of a run follows from the seed and the place."""

from unlearning.encoding import Encoded
from unlearning.losses.read import Part
from unlearning.rows import Rows, Texts, Told


def told(name: str, count: int) -> tuple[Told, ...]:
    return tuple(
        Told(Encoded(f"{name}{number}", (1, 2), (False, True), (False, True))) for number in range(count)
    )


def ids(rows: Rows, part: Part, places: range) -> list[str]:
    return [rows[place][part].row.id for place in places]


def test_every_text_comes_once_a_lap() -> None:
    rows = Rows(Texts(told("f", 5), told("r", 3)), 0, 30)
    assert sorted(ids(rows, Part.FORGET, range(5))) == sorted(ids(rows, Part.FORGET, range(5, 10)))
    assert len(set(ids(rows, Part.FORGET, range(5)))) == 5
    assert len(set(ids(rows, Part.RETAIN, range(3, 6)))) == 3


def test_a_place_is_the_same_whatever_was_read_before() -> None:
    texts = Texts(told("f", 5), told("r", 3))
    late, early = Rows(texts, 7, 30), Rows(texts, 7, 30)
    assert [early[place] for place in range(30)][21] == late[21]
    other = Rows(texts, 8, 30)
    assert ids(other, Part.FORGET, range(30)) != ids(late, Part.FORGET, range(30))


def test_parts_that_belong_together_stay_together() -> None:
    beside = {Part.ALTERNATIVE: told("a", 5)}
    rows = Rows(Texts(told("f", 5), told("r", 3), beside, {Part.DECLINED: told("d", 3)}), 0, 30)
    for place in range(30):
        row = rows[place]
        assert row[Part.ALTERNATIVE].row.id[1:] == row[Part.FORGET].row.id[1:]
        assert row[Part.DECLINED].row.id[1:] == row[Part.RETAIN].row.id[1:]
