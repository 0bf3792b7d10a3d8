"""How a gateway follows the ledger: what is enforced there comes into force here, beside the policy."""
