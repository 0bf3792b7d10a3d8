"""A veil gives names back in whatever pieces they come, and changes nothing else."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from filters.answer_guard import TextKey
from filters.cloak import Cloak, Worn
from gateway.veil import Veil
from policy.surface import Channel
from tests.laws import law

CLOAK = Cloak({"crane": Worn("Orrin Vass", "Alden Crane"), "lorne": Worn("Orla Orrin", 'B. "Lorne"')})
CONTENT = TextKey(0, Channel.CONTENT)
WORDS = st.lists(st.sampled_from(["Orrin", " ", "Vass", "Orla", "O", "lamp", ".", "Orr", "in"]), max_size=12)


def lifted(pieces: list[str], key: TextKey = CONTENT, *, machine_read: bool = False) -> list[str]:
    veil = Veil(CLOAK, machine_read=machine_read)
    return [veil.lifted(key, piece, over=number == len(pieces) - 1) for number, piece in enumerate(pieces)]


@law
@given(words=WORDS, cuts=st.lists(st.integers(0, 60), max_size=6))
def test_the_pieces_change_nothing(words: list[str], cuts: list[int]) -> None:
    text = "".join(words)
    edges = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    pieces = [text[start:end] for start, end in pairwise(edges)] or [""]
    assert "".join(lifted(pieces)) == lifted([text])[0]
    assert text.replace("Orrin Vass", "Alden Crane") == "".join(lifted(pieces)) or "Orla" in text


def test_a_name_is_never_seen_in_part() -> None:
    assert lifted(["Who? Orr", "in V", "ass!", ""]) == ["Who? ", "", "Alden Crane!", ""]


def test_what_only_begins_like_a_name_comes_late_but_comes() -> None:
    assert lifted(["Orrin", " Lamp", " Orrin V"]) == ["", "Orrin Lamp", " Orrin V"]


def test_texts_are_kept_apart() -> None:
    veil, other = Veil(CLOAK, machine_read=False), TextKey(1, Channel.CONTENT)
    assert veil.lifted(CONTENT, "Orrin ", over=False) == ""
    assert veil.lifted(other, "Vass", over=True) == "Vass"
    assert veil.lifted(CONTENT, "Vass", over=True) == "Alden Crane"


def test_json_stays_json() -> None:
    said = json.dumps({"name": "Orla Orrin"})
    for told in (
        lifted([said], TextKey(0, Channel.ARGUMENTS)),
        lifted([said], machine_read=True),
    ):
        assert json.loads(told[0]) == {"name": 'B. "Lorne"'}
