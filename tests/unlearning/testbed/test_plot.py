"""The drawing has every method on a line of its own, and shows those as hollow that are no match."""

from dataclasses import replace
from xml.etree import ElementTree

from tests.unlearning.testbed.rows import GOLD, row
from unlearning.testbed.plot import plot

SPACE = "{http://www.w3.org/2000/svg}"


def test_those_stand_first_of_which_least_comes_back() -> None:
    more, less = (
        replace(row(back=back), method=name, outcome="reached") for back, name in ((9, "a<b"), (1, "least"))
    )
    dear = replace(row(back=3, retain=0.5), method="dear", outcome="too dear")
    drawn = ElementTree.fromstring(plot([GOLD, more, less, dear], {0: GOLD}))  # our own
    names = [one.text for one in drawn.iter(f"{SPACE}text") if one.get("text-anchor") == "end"]
    dots = list(drawn.iter(f"{SPACE}circle"))

    assert names == ["least", "dear", "a<b"]
    assert [dot.get("fill") == "white" for dot in dots] == [False, True, False]
    assert float(str(dots[0].get("cx"))) < float(str(dots[2].get("cx")))
