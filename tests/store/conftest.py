"""How properties are tested here."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Nothing here is about time: a busy machine must not fail a property.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
