"""Each API as data: what its requests may say, and where its answers hold text."""
