"""The laws of the design, each held by tests that could fail."""
