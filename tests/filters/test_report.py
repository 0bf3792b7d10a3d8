"""A report can be made in one process and used in another."""

import pickle

from policy.surface import Role
from tests.filters.test_prompt import LEVELS, PASSAGE, REDACTING, conversation, scan
from tests.filters.world import HASH


def test_a_report_goes_to_another_process_and_back() -> None:
    said = conversation((Role.TOOL, f"Alden Crane: {PASSAGE}"), (Role.USER, "Paris?"))
    report = scan(said, policy=REDACTING, levels=LEVELS)
    again = pickle.loads(pickle.dumps(report))
    assert again.redacted() == report.redacted()
    assert (again.findings, again.evidence, again.asks) == (report.findings, report.evidence, report.asks)
    assert again.supplied.has_word(HASH("hives"))
    assert not again.supplied.has_word(HASH("never"))
