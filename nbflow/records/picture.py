"""A picture that a step has put out."""

from __future__ import annotations

import msgspec


class Picture(msgspec.Struct, frozen=True):
    """One picture, as a notebook holds it."""

    #: ``image/png``, ``image/jpeg`` or ``image/svg+xml``.
    type: str
    #: Base64, or the SVG itself.
    data: str
