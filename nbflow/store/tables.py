"""Codec ``arrow``: tables of polars and pyarrow as an Arrow IPC stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def encode(value: Any) -> tuple[dict[str, Any], list[memoryview]] | None:
    """Details and stream of a table; None where the round trip would not be exact."""
    return None


def decode(details: dict[str, Any], buffers: Sequence[memoryview]) -> Any:
    """The table of a stream."""
    raise NotImplementedError
