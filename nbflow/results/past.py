"""The runs of the past: all of a notebook, those with a property, and one by its name."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from nbflow.errors import ParameterError, StoreError
from nbflow.records.task import RunRecord
from nbflow.results.run import FlowRun
from nbflow.results.runs import Runs, found
from nbflow.store import filters
from nbflow.store.filters import RunFilter
from nbflow.store.near import store_beside
from nbflow.store.store import Store

#: So many runs are named where a name fits several.
_NAMED = 5


def runs(
    path: str | Path,
    *,
    tag: str | None = None,
    param: str | Sequence[str] = (),
    status: str | None = None,
    since: str | datetime | None = None,
    store: str | Path | None = None,
) -> Runs:
    """The runs of a notebook, oldest first; all of them, or those for which all of this holds.

    Parameters
    ----------
    tag
        They have this tag.
    param
        A condition on a parameter, or several: ``"lr>0.1"``.
    status
        How they ended: ``"completed"``, ``"failed"``, …
    since
        They began since then: an age (``"2d"``), or a day, perhaps with a time.
    store
        Directory of artifacts and history; ``.nbflow`` beside the notebook by default.

    Raises
    ------
    ParameterError
        Something is asked for that no run can have.

    >>> nbflow.runs("train.ipynb", param="lr>0.1")[-1]["load"].data  # doctest: +SKIP
    """
    file = Path(path).absolute()
    conditions = (param,) if isinstance(param, str) else tuple(param)
    if isinstance(since, datetime):
        since = since.isoformat()
    wanted = asked(file, tag, conditions, status, since)
    root = Path(store) if store is not None else store_beside(file)
    if not root.exists():
        return Runs()
    return some([Store.open(root)], wanted)


def asked(
    notebook: Path | None,
    tag: str | None,
    conditions: Iterable[str],
    status: str | None,
    since: str | None,
) -> RunFilter:
    """What somebody asks for, read from text.

    Raises
    ------
    ParameterError
        It cannot be read.
    """
    return RunFilter(
        notebook=str(notebook.absolute()) if notebook is not None else None,
        tag=tag,
        conditions=tuple(map(filters.condition, conditions)),
        status=filters.status(status) if status is not None else None,
        since=filters.since(since, time.time()) if since is not None else None,
    )


def some(stores: Sequence[Store], wanted: RunFilter, last: int | None = None) -> Runs:
    """The runs of some stores that are asked for, oldest first; at most the ``last`` so many.

    Raises
    ------
    ParameterError
        There are none, for no run has such a parameter, or such a tag.
    """
    every = Runs(run for store in stores for run in found(store, wanted, last))
    if len(stores) > 1:
        every.sort(key=lambda run: run.head.started)
    if not every and (wanted.conditions or wanted.tag):
        _refuse(stores, wanted)
    return Runs(every[-last:] if last else every)


def _refuse(stores: Sequence[Store], wanted: RunFilter) -> None:
    """Say which name means nothing here, if one does."""
    parameters, tags = set[str](), set[str]()
    for store in stores:
        more, others = store.history.known()
        parameters |= more
        tags |= others
    for each in wanted.conditions:
        if each.name not in parameters:
            raise _unknown("parameter", each.name, parameters)
    if wanted.tag is not None and wanted.tag not in tags:
        raise _unknown("tag", wanted.tag, tags)


def _unknown(what: str, name: str, known: set[str]) -> ParameterError:
    close = difflib.get_close_matches(name, known, 1)
    names = ", ".join(f"`{each}`" for each in sorted(known)) or "none"
    hint = f"Did you mean `{close[0]}`?" if close else f"There are {names}."
    return ParameterError(f"no run here has a {what} `{name}`", hint)


def named(stores: Sequence[Store], name: str) -> FlowRun:
    """The run of this id, or the only one whose id begins so.

    ``last`` is the last one, ``last~1`` the one before.

    Raises
    ------
    StoreError
        There is none, or there are several: they are named.
    """
    if counted := re.fullmatch(r"last(?:~(\d+))?", name):
        back = int(counted[1] or 0) + 1
        latest = some(stores, RunFilter(), back)
        if len(latest) == back:
            return latest[0]
        if not latest:
            raise StoreError("there is no run yet", "Run a notebook first: `nbflow run NOTEBOOK`.")
        told = "there is only one run" if not latest[1:] else f"there are only {len(latest)} runs"
        raise StoreError(told, "`nbflow runs` lists them.")
    fitting = [(run, store) for store in stores for run in store.history.named(name) if name]
    exact = [each for each in fitting if each[0].id == name]
    match exact or fitting:
        case [(run, store)]:
            return FlowRun(run, store)
        case []:
            raise StoreError(f"no run `{name}` is recorded here", "`nbflow runs` lists them.")
        case several:
            raise _ambiguous(name, [run for run, _ in several])


def _ambiguous(name: str, several: Sequence[RunRecord]) -> StoreError:
    latest = sorted(several, key=lambda run: run.started)[-_NAMED:]
    names = ", ".join(f"`{run.id}`" for run in latest)
    more = len(several) - len(latest)
    others = f", and {more} older" if more else ""
    return StoreError(f"`{name}` begins the ids of {len(several)} runs", f"Say {names}{others}.")
