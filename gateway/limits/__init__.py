"""How much one client may ask, and how much one gateway takes on."""
