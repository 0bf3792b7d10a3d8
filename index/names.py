"""What the arrays of a snapshot are called, and how the facts about its phrases are written."""

from policy.finding import Detector

PASSAGES, PHRASES, DIGITS = "passages", "phrases", "digits"
# The entry of each passage.
OWNERS = "passage_entries"
FACTS = "facts"
FACT_COLUMNS = 7
DETECTORS = (Detector.NAME, Detector.SECRET)
# More surprise than this changes nothing, and would tell strings apart.
MOST_BITS = 30
