"""How long hypothesis may take, for all tests: a slow machine is not a failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("unsay", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unsay")
