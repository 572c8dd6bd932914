"""Executors for the tests: one local zygote for all of them, inline ones as they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nbflow.run.inline import InlineExecutor
from nbflow.run.local import LocalExecutor
from tests.run.tasks import Desk, Told


@pytest.fixture(scope="session")
def zygote() -> Iterator[Desk]:
    events = Told()
    executor = LocalExecutor(events, preload=("numpy",))
    yield Desk(executor, events, Path())
    executor.close()
    assert events.empty()


@pytest.fixture
def local(zygote: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The shared local executor, with a directory of its own."""
    yield Desk(zygote.executor, zygote.events, tmp_path)
    assert zygote.events.empty()


@pytest.fixture
def inline(tmp_path: Path) -> Desk:
    events = Told()
    return Desk(InlineExecutor(events, events.put), events, tmp_path)


@pytest.fixture(params=["local", "inline"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """Either executor: the worker code is one and the same."""
    chosen: Desk = request.getfixturevalue(request.param)
    return chosen
