"""Why a segment cannot be used."""


class SegmentError(ValueError):
    """Says what was expected and what was found, never what is in it."""
