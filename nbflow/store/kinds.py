"""Where a type comes from."""

from __future__ import annotations


def package_of(kind: type) -> str:
    """The package that a type says it is of; some that libraries make name no module at all."""
    return str(kind.__module__).partition(".")[0]
