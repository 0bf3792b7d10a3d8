"""Actions have one order of strictness."""

from itertools import permutations

from policy.action import Action, strictest


def test_actions_stand_in_the_order_of_their_strictness() -> None:
    assert sorted(Action, key=lambda action: action.strictness) == [
        Action.ALLOW,
        Action.FLAG,
        Action.REDACT,
        Action.REWRITE,
        Action.REFUSE,
    ]


def test_the_strictest_wins_in_whatever_order() -> None:
    for order in permutations(Action):
        assert strictest(order) is Action.REFUSE
    assert strictest((Action.FLAG, Action.ALLOW)) is Action.FLAG


def test_of_no_actions_the_strictest_is_allow() -> None:
    assert strictest(()) is Action.ALLOW
