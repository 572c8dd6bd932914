"""What the tasks of one step put out, as much of it as a page can take."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from nbflow.records.digest import of_bytes

#: So many splits are shown, the last of those that put anything out.
_SPLITS = 200
#: Characters of text, and of what is displayed, that each of them may show.
_TEXT, _DISPLAYED = 1 << 17, 1 << 21


class LogSection(TypedDict):
    """The outputs of one task (nbformat)."""

    #: The task's name: of a step that is no foreach, nothing.
    heading: str
    outputs: list[dict[str, Any]]
    #: Whether it had put out more before.
    cut: bool


def sections(logs: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> list[LogSection]:
    """The last of what each task put out, task by task; those without any outputs are left out.

    Parameters
    ----------
    logs
        Names of the tasks, with their outputs.
    """
    kept = deque(((name, outputs) for name, outputs in logs if outputs), maxlen=_SPLITS)
    return [section(name if name.endswith("]") else "", outputs) for name, outputs in kept]


def stamp(told: Sequence[LogSection]) -> str:
    """Another text whenever the sections are others."""
    return of_bytes(json.dumps(told).encode())[:16]


def section(heading: str, outputs: Sequence[Mapping[str, Any]]) -> LogSection:
    """The last of some outputs (nbformat), under a heading."""
    kept: deque[dict[str, Any]] = deque()
    text, displayed = _TEXT, _DISPLAYED
    for output in reversed(outputs):
        if output["output_type"] == "stream":
            told = _joined(output["text"])
            if len(told) > text:
                # From the beginning of a line, where there is one.
                end = told[len(told) - text :]
                rest = end.partition("\n")[2] or end
                return _cut(heading, kept, [{**output, "text": rest}] if text else [])
            text -= len(told)
            kept.appendleft({**output, "text": told})
        else:
            displayed -= len(json.dumps(output))
            if displayed < 0:
                return _cut(heading, kept, [])
            kept.appendleft(dict(output))
    return {"heading": heading, "outputs": list(kept), "cut": False}


def _cut(heading: str, kept: deque[dict[str, Any]], first: list[dict[str, Any]]) -> LogSection:
    return {"heading": heading, "outputs": [*first, *kept], "cut": True}


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
