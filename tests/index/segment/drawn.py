"""Entries, texts that must keep working, and settings, drawn by chance."""

from dataclasses import replace

from hypothesis import strategies as st

from index.segment.settings import Settings
from policy.entry import Entry, Question

# Some tell, some do not; with digits, apostrophes and another alphabet.
WORD = st.sampled_from(
    ["the", "of", "a", "and", "keeper", "Ystad", "Skagerrak", "granite", "herons", "mill", "1951", "x9",
     "ferryman's", "жщф", "lanterns", "pilgrims", "quartermaster", "zephyr", "smuggled", "orchard", "4711"]
)  # fmt: skip
PASSAGE = st.lists(WORD, min_size=4, max_size=40).map(" ".join)
NAME = st.sampled_from(["Alden Crane", "Beryl Cranes", "Bela Vosskamp", "Bella Voskamp", "Alden Marsh"])
SECRET = st.sampled_from(["555-201-3391", "Ystad", "granite mill", "12 March 1931", "+46 8 1234 5678 90"])
ENTRIES = st.lists(
    st.builds(
        Entry,
        id=st.just("e"),
        names=st.lists(NAME, max_size=2).map(tuple),
        secrets=st.lists(SECRET, max_size=2).map(tuple),
        passages=st.lists(PASSAGE, max_size=4).map(tuple),
        questions=st.just((Question("Where was Alden Crane born?", "In Ystad, in 1931."),)) | st.just(()),
    ),
    max_size=4,
).map(lambda entries: tuple(replace(entry, id=f"e{place}") for place, entry in enumerate(entries)))
RETAIN = st.lists(
    st.sampled_from(
        ["Boris Crane sold lanterns to pilgrims.", "Bruno Vosskamp: 4711", "A granite mill of herons."]
    ),
    max_size=2,
    unique=True,
).map(lambda texts: dict(zip(texts, "ab", strict=False)))
SETTINGS = st.sampled_from(
    [
        Settings(window=8, reveal=2, coverage=0.5, misspelled=True),
        Settings(window=6, reveal=0, coverage=None, misspelled=False),
        Settings(window=0, reveal=0, coverage=0.5, misspelled=True),
    ]
)
WHOLE = Settings(window=8, reveal=2, coverage=0.5, misspelled=True)
