"""Edits are sparse and can be joined."""

import numpy as np

from steering.edit import Edit, join


def edit(banned: list[int], shifts: dict[int, float]) -> Edit:
    return Edit(
        np.array(banned, np.int32),
        np.array(list(shifts), np.int32),
        np.array(list(shifts.values()), np.float32),
    )


def test_an_edit_without_tokens_does_nothing() -> None:
    assert not Edit.nothing().acts
    assert edit([1], {}).acts
    assert edit([], {1: -1.0}).acts


def test_joined_edits_ban_what_any_bans_and_shift_by_the_lowest() -> None:
    joined = join([edit([7, 3], {1: -1.0, 2: 4.0}), Edit.nothing(), edit([3], {2: -2.0, 7: -5.0})])

    assert joined.banned.tolist() == [3, 7]
    assert dict(zip(joined.shifted.tolist(), joined.by.tolist(), strict=True)) == {1: -1.0, 2: -2.0, 7: -5.0}


def test_no_edits_join_to_nothing() -> None:
    assert not join([]).acts
