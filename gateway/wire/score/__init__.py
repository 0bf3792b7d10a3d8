"""How near two texts are: `POST /v1/score`."""
