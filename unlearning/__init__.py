"""Offline unlearning in the weights: losses, recipes, training, metrics. Never imported by the server."""
