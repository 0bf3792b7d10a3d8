"""Changing the odds inside the model, so that it chooses other words instead of having them taken away.

The package's rule: it runs inside the engine's own environment. It imports `index` and `policy` and numpy;
torch and transformers only in the files that adapt it to an engine; no web stack. `steering.directive`,
which the gateway shares, needs the standard library alone. Nothing here raises into the engine, masks a
whole row or takes a row its end.
"""
