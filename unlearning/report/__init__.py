"""What became of what was to be forgotten, told so that nobody takes it for more than it is.

Rule: a report names entries and items, never what they say; what didn't come back is called not seen again,
for a test that finds nothing shows nothing about the next one.
"""
