"""Ages and sizes as people type them: ``30d``, ``10GB``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SIZES = {
    "b": 1,
    **{f"{unit}b": 1000**power for power, unit in enumerate("kmgt", 1)},
    **{f"{unit}ib": 1024**power for power, unit in enumerate("kmgt", 1)},
}


class Amount(click.ParamType[float]):
    """A number with its unit.

    Parameters
    ----------
    name
        What it is an amount of, for messages.
    units
        How much one of each is; names in small letters.
    examples
        How to write one.
    """

    def __init__(self, name: str, units: Mapping[str, float], examples: str) -> None:
        self.name = name
        self._units = units
        self._examples = examples

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if not isinstance(value, str):
            return float(value)
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", value.lower())
        unit = found[2] if found is not None else ""
        if found is None or (unit not in self._units and float(found[1])):
            self.fail(f"`{value}` is no {self.name}: write {self._examples}.", param, ctx)
        return float(found[1]) * self._units.get(unit, 1)


AGE = Amount("age", _AGES, "30d, 12h or 90m")
SIZE = Amount("size", _SIZES, "10GB, 500MB or 2GiB")
