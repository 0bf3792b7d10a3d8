"""A small world whose truth is known: models really trained without what others are to unlearn."""
