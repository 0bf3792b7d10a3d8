"""What was found out for one tenant is out of sight of all others, and stays while it has its room."""

from index.remembered import Remembered

KEY = bytes(range(32))
MOST = 12


def remembered() -> Remembered[int]:
    return Remembered[int](KEY, "tests", MOST)


def test_what_is_known_of_a_text_is_told_again() -> None:
    known = remembered()
    known.add("a lamp", 1, "one")
    assert known.get("a lamp", "one") == 1
    assert known.get("a lantern", "one") is None


def test_what_one_tenant_made_known_no_other_is_told() -> None:
    known = remembered()
    known.add("a lamp", 1, "one")
    assert known.get("a lamp", "other") is None
    assert known.get("a lamp") is None


def test_what_was_used_last_stays() -> None:
    known = remembered()
    for number in range(MOST):
        known.add(str(number), number)
    assert known.get("0") == 0
    known.add("one more", MOST)
    assert (known.get("0"), known.get("1"), known.get("one more")) == (0, None, MOST)


def test_a_flood_of_one_tenant_costs_no_other_its_part() -> None:
    known = remembered()
    for number in range(MOST // 2):
        known.add(str(number), number, "quiet")
    for number in range(10 * MOST):
        known.add(str(number), number, "loud")
    assert [known.get(str(number), "quiet") for number in range(MOST // 2)] == list(range(MOST // 2))
    assert sum(known.get(str(number), "loud") is not None for number in range(10 * MOST)) == MOST // 2


def test_one_more_tenant_gets_room_where_all_is_taken() -> None:
    known = remembered()
    for number in range(MOST):
        known.add(str(number), number, "first")
    known.add("a lamp", 1, "second")
    assert known.get("a lamp", "second") == 1
    assert sum(known.get(str(number), "first") is not None for number in range(MOST)) == MOST - 1
