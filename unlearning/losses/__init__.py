"""What is minimised to unlearn: pure functions of what a model foretells, one file for each.

The package's rule: nothing here returns a mean. A loss says its sum and by what it must be divided, so a
batch that is taken in parts has the gradient of the whole. Padding and prompts are gone before a loss
sees anything.

Written down in every loss: p is the probability of a target token under the model, q under the frozen
model that training began with, L the sum of log p over a text's targets and K the sum of log q, T how
many targets a text has, z the logits, h hidden states. All logarithms are natural: sums are in nats
unless a loss says otherwise.
"""
