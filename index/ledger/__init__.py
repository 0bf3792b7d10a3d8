"""The ledger: requests to forget and to restore, appended and never changed."""
