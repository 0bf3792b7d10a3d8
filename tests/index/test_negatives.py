"""Retain texts: forgetting wins over keeping, and texts about one person are one group."""

from index.negatives import innocent_texts
from policy.entry import Entry, Question, Retain

PEOPLE = ("Ludovica Okparanze", "Torvald Quistgaard", "Zanele Brandelmore")
ASKED = ("Where was {} born?", "What did {} write?", "When did {} die?")


def entry(*retain: Retain) -> Entry:
    return Entry("one", questions=(Question("Where was Alden Vosskamp born?", "At sea."),), retain=retain)


def texts(one_source: bool) -> list[Retain]:
    said = [text.format(name) for name in PEOPLE for text in ASKED]
    return [Retain(text, "near.jsonl" if one_source else text) for text in said]


def groups(*entries: Entry) -> list[int]:
    return [text.group for text in innocent_texts(entries, [["Alden Vosskamp"]] * len(entries))]


def test_texts_about_one_person_are_one_group_whether_they_come_from_one_file_or_each_by_itself() -> None:
    for one_source in (True, False):
        found = groups(entry(*texts(one_source)))
        assert len(set(found)) == len(PEOPLE)
        assert found == [found[place // len(ASKED) * len(ASKED)] for place in range(len(found))]


def test_a_small_source_is_one_group() -> None:
    said = [Retain(f"Question {place} about nobody?", f"file {place // 2}") for place in range(40)]
    found = groups(entry(*said))
    assert len(set(found)) == 20


def test_what_another_entry_forgets_is_not_kept() -> None:
    kept = entry(Retain("Did ALDEN VOSSKAMP like bread?", "a"), Retain("Did Bela like bread?", "b"))
    assert [text.text for text in innocent_texts([kept], [["Alden Vosskamp"]])] == ["Did Bela like bread?"]


def test_a_forgotten_question_is_not_kept() -> None:
    kept = entry(Retain("where was alden vosskamp born", "a"))
    assert innocent_texts([kept], [[]]) == []


def test_a_list_that_entries_share_is_read_once() -> None:
    shared = tuple(texts(one_source=True))
    entries = [Entry("one", retain=shared), Entry("two", retain=shared)]
    assert len(innocent_texts(entries, [[], []])) == len(shared)
