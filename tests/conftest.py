"""How hypothesis draws its cases, for all tests.

Rules: a slow machine is not a failure. `make test` draws the same cases every time: it speaks about the
change, not about its luck. `make check-long` draws others each time (`--hypothesis-profile random`).
"""

from hypothesis import HealthCheck, settings

settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("random"), derandomize=True, database=None)
settings.load_profile("same")
