"""Hypothesis profiles (few examples for every day, many for ``ci``), and how wide commands show."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A run starts processes and writes a store: slow by the measure of hypothesis, and uneven.
settings.register_profile(
    "default", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
# Everywhere else the examples are others each time; here a failure is the change's own.
settings.register_profile("ci", settings.get_profile("default"), max_examples=200, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# As in a terminal of so many columns: into a pipe nothing is cut.
os.environ["COLUMNS"] = "80"
