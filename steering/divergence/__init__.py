"""Divergence decoding: what a model that learnt the entries says more often than one that learnt the rest.

The package's rule: two n-gram models are trained side by side, one on what an entry forgets and one on what
must keep working. The engine holds only how far they disagree, entry by entry, under keyed contexts.
"""
