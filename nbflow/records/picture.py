"""A picture that a step has put out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, as a notebook holds it."""

    #: ``image/png``, ``image/jpeg`` or ``image/svg+xml``.
    type: str
    #: Base64, or the SVG itself.
    data: str
