"""What unlearning did to a model, as numbers.

Rule: a metric is a pure function of log-probabilities, tokens, words or vectors; only scoring.py,
rounding.py and those named after a run ask a model. A figure that can't be had is an error, never a zero.
"""
