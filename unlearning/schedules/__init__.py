"""When to stop, and which items are still trained on.

Rule: nothing here reads a model that was retrained without the entries: who unlearns for real has none.
"""
