"""How the gradients of several terms become one.

Rule: a combiner is asked once for each step of the optimiser, with the gradients of the whole batch.
"""
