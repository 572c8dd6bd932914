"""Which runs of the history somebody asks for, as data: read from text such as ``lr>0.1``."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, TypeAlias, get_args

import msgspec

from nbflow.errors import ParameterError
from nbflow.records.task import RunStatus

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)

_CONDITION = re.compile(r"\s*(\w+)\s*(==|!=|<=|>=|=|<|>)\s*(.*?)\s*")
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
#: How many seconds one of each unit of an age is.
AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Condition(msgspec.Struct, frozen=True):
    """What the value of a parameter is to be."""

    name: str
    operator: Operator
    #: As it was typed; numbers are compared as numbers, all else as text.
    text: str

    @property
    def number(self) -> float | None:
        """The value as a number, if it reads like one."""
        try:
            return float(self.text)
        except ValueError:
            return None

    @property
    def texts(self) -> tuple[str, str]:
        """How a run may have recorded the value: as Python writes it, or as it was typed."""
        return repr(self.text), self.text


class RunFilter(msgspec.Struct, frozen=True):
    """All that is asked for must hold; what is not asked for does not matter."""

    #: Absolute path.
    notebook: str | None = None
    tag: str | None = None
    conditions: tuple[Condition, ...] = ()
    status: RunStatus | None = None
    #: Seconds since the epoch.
    since: float | None = None


def condition(text: str) -> Condition:
    """The condition that a text states.

    Raises
    ------
    ParameterError
        It states none.

    >>> condition("lr>0.1")
    Condition(name='lr', operator='>', text='0.1')
    """
    found = _CONDITION.fullmatch(text)
    if found is None or not found[1].isidentifier() or not found[3] or found[3][0] in "<>=!":
        raise ParameterError(
            f"`{text}` is no condition on a parameter",
            "Write its name, one of = != < <= > >=, and a value: --param 'lr>0.1'.",
        )
    operator = "=" if found[2] == "==" else found[2]
    value = found[3]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return Condition(found[1], operator, value)  # type: ignore[arg-type]


def status(text: str) -> RunStatus:
    """The status of a run that a text names.

    Raises
    ------
    ParameterError
        It names none.
    """
    for each in STATUSES:
        if each == text:
            return each
    raise ParameterError(f"no run has the status `{text}`", f"There are {', '.join(STATUSES)}.")


def since(text: str, now: float) -> float:
    """The moment that a text names: an age such as ``2d``, or a day, perhaps with a time.

    Parameters
    ----------
    now
        Seconds since the epoch, as the moment that is answered.

    Raises
    ------
    ParameterError
        It names no moment.

    >>> since("2d", 200_000.0)
    27200.0
    """
    if found := _AGE.fullmatch(text.strip()):
        return now - float(found[1]) * AGES[found[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ParameterError(
            f"`{text}` is no moment", "Write an age, as in 2d or 12h, or a day: 2026-11-01."
        ) from None
