"""What can go wrong with a ledger. Messages hold ids, numbers and places, and never a text or a key.

Rule: every message says what was expected, what was found, and what to do where something can be done.
"""


class LedgerError(RuntimeError):
    """The ledger did not do what was asked; it is as it was before."""


class Refused(LedgerError):
    """The rules of the ledger forbid what was asked."""


class Tampered(LedgerError):
    """The ledger is not what was written."""


class Unavailable(LedgerError):
    """The database, or a key, cannot be had now."""
