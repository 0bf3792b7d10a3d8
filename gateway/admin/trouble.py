"""Why a forget request is not taken or not found, apart from what the ledger itself says."""


class NotFound(LookupError):
    """There is no such request."""


class Unfinished(RuntimeError):
    """A part of the request could not be compiled; says why, and what to do."""
