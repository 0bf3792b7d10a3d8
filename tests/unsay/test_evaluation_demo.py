"""The demo's policies are ones that Unsay takes, each with just the one part off."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.target import WorldPart
from policy.action import Action
from policy.file import load_policy
from unsay.evaluation_demo import Demo, switches, variants

WORLD = WorldPart(seed=7, people=5, retained=10)


def test_the_whole_policy_comes_first_and_forgets_the_worlds_people(tmp_path: Path) -> None:
    first, *others = variants(Demo(ablate=True), WORLD, tmp_path)
    assert first.part == ""
    assert len(load_policy(first.policy).entries) == 5
    assert [one.part for one in others] == list(switches())
    assert [one.part for one in (first, *others) if not one.remembers] == ["memory"]
    assert len({one.digest for one in (first, *others)}) == 1 + len(others)


def test_each_part_can_be_off_and_the_policy_is_still_one(tmp_path: Path) -> None:
    found = {one.part: load_policy(one.policy) for one in variants(Demo(ablate=True), WORLD, tmp_path)}
    whole = found[""]
    assert found["memory"] == whole
    for part in ("verbatim", "coverage", "semantic"):
        assert getattr(whole, part) is not None
        assert getattr(found[part], part) is None
    for part in ("names", "passages", "questions", "secrets"):
        assert all(getattr(entry, part) for entry in whole.entries)
        assert not any(getattr(entry, part) for entry in found[part].entries)


def test_without_the_encoder_it_is_off_everywhere(tmp_path: Path) -> None:
    found = list(variants(Demo(exact=True, ablate=True), WORLD, tmp_path))
    assert all(load_policy(one.policy).semantic is None for one in found)
    assert "semantic" not in {one.part for one in found}


def test_entries_can_be_made_of_passages_alone_and_what_is_not_there_is_not_turned_off(
    tmp_path: Path,
) -> None:
    found = list(variants(Demo(ablate=True, entries=("passages",)), WORLD, tmp_path))
    assert [one.part for one in found] == ["", "verbatim", "coverage", "views", "semantic", "memory"]
    for entry in load_policy(found[0].policy).entries:
        assert entry.passages
        assert (entry.names, entry.questions, entry.secrets) == ((), (), ())


def test_of_several_parts_of_an_entry_each_is_turned_off(tmp_path: Path) -> None:
    found = variants(Demo(ablate=True, entries=("names", "passages")), WORLD, tmp_path)
    policies = {one.part: load_policy(one.policy) for one in found}
    assert {"names", "passages"} <= set(policies)
    assert {"questions", "secrets"}.isdisjoint(policies)
    assert not any(entry.names for entry in policies["names"].entries)


@pytest.mark.parametrize("entries", [(), ("passage",), ("names", "concept")])
def test_entries_of_unknown_parts_are_an_error_that_says_which_there_are(
    tmp_path: Path, entries: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="expected some of names, passages, questions, secrets"):
        list(variants(Demo(entries=entries), WORLD, tmp_path))


@pytest.mark.parametrize("action", ["flag", "allow"])
def test_prompts_can_be_let_through(tmp_path: Path, action: str) -> None:
    (found,) = variants(replace(Demo(), prompt=action), WORLD, tmp_path)
    (rule,) = load_policy(found.policy).rules
    assert Action(action) in str(rule.prompt)


def test_a_policy_that_stays_the_same_is_not_written_again(tmp_path: Path) -> None:
    (first,) = variants(Demo(), WORLD, tmp_path)
    before = first.policy.stat().st_mtime_ns
    (again,) = variants(Demo(), WORLD, tmp_path)
    assert (again, again.policy.stat().st_mtime_ns) == (first, before)
