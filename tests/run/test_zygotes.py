"""A zygote that begins before its flow is read serves the executor that fits, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from nbflow.run.local import LocalExecutor
from nbflow.run.surroundings import Surroundings
from nbflow.run.zygotes import ahead
from tests.run.tasks import Desk, Told, assert_ends


@dataclass
class Begun:
    """How many zygotes were started."""

    pids: list[int]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    from nbflow.run import zygotes

    found = Begun([])
    begin = zygotes.Zygote.__init__

    def note(self: zygotes.Zygote, *arguments: object, **named: object) -> None:
        begin(self, *arguments, **named)  # type: ignore[arg-type]
        found.pids.append(self.pid)

    monkeypatch.setattr(zygotes.Zygote, "__init__", note)
    return found


def test_the_first_executor_takes_the_zygote_that_has_begun(begun: Begun, tmp_path: Path) -> None:
    events = Told()
    with ahead():
        executor = LocalExecutor(events, preload=("colorsys",))
    try:
        outcome = Desk(executor, events, tmp_path).run(
            "import sys\nx = 'colorsys' in sys.modules", outputs="x"
        )
        assert outcome.values == {"x": True}
        assert begun.pids == [executor.zygote_pid]
    finally:
        executor.close()


def test_one_with_other_surroundings_is_left(begun: Begun, tmp_path: Path) -> None:
    events = Told()
    now = Surroundings.now()
    other = msgspec.structs.replace(now, environment={**now.environment, "LEVEL": "high"})
    with ahead():
        executor = LocalExecutor(events, surroundings=other)
        try:
            source = "import os\nx = os.environ['LEVEL']"
            outcome = Desk(executor, events, tmp_path).run(source, outputs="x")
            assert outcome.values == {"x": "high"}
        finally:
            executor.close()
    assert len(begun.pids) == 2
    assert_ends(begun.pids[0])


def test_one_that_nobody_needs_ends(begun: Begun) -> None:
    with ahead():
        pass
    assert_ends(begun.pids[0])


def test_modules_are_loaded_into_workers_that_are_there(tmp_path: Path) -> None:
    events = Told()
    executor = LocalExecutor(events)
    desk = Desk(executor, events, tmp_path)
    source = "import sys\nx = 'colorsys' in sys.modules"
    try:
        assert desk.run(source, outputs="x", task="a").values == {"x": False}
        zygote = executor.zygote_pid
        executor.load(["colorsys"])
        desk.run("x = 0", outputs="x", task="b")  # by the worker that was forked before
        assert desk.run(source, outputs="x", task="c").values == {"x": True}
        assert executor.zygote_pid == zygote
    finally:
        executor.close()
