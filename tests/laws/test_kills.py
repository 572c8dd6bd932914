"""Law 4: whatever is killed, what has completed stays, and the next run just works."""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import nbflow
from nbflow.results import FlowRun
from tests import notebooks
from tests.laws.killing import Command, Victim
from tests.notebooks import foreach, notebook, parameters, step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")

BRANCHES, LINKS, SPLITS = 3, 6, 6
#: Above 64 KiB a value has a file of its own.
LARGE = 100_000
TASKS = 1 + BRANCHES * LINKS + SPLITS + 1
PAUSE = "import time\ntime.sleep(0.01)\n"


def write(path: Path) -> None:
    """Three chains with large values, a foreach beside them, and one join of all."""
    cells = [parameters("salt: int = 0"), step("base", PAUSE + "base = [salt]")]
    for branch in range(BRANCHES):
        before = "base"
        for link in range(LINKS):
            name = f"b{branch}_{link}"
            grow = f"{before} + [{link}] * {LARGE if link % 3 == 1 else 1}"
            cells.append(step(name, f"{PAUSE}{name} = {grow}"))
            before = name
    cells.append(foreach(f"i in range({SPLITS})", f"{PAUSE}part = [i + base[0]] * {LARGE}"))
    ends = ", ".join(f"sum(b{branch}_{LINKS - 1})" for branch in range(BRANCHES))
    cells.append(step("report", f"report = [{ends}, sum(map(sum, part))]"))
    notebooks.write(notebook(*cells), path)


def expected(salt: int) -> list[int]:
    chain = salt + sum(link * (LARGE if link % 3 == 1 else 1) for link in range(LINKS))
    return [chain] * BRANCHES + [sum(i + salt for i in range(SPLITS)) * LARGE]


@dataclass
class Killer:
    """Runs the notebook over and over, and kills at random moments."""

    path: Path
    chance: random.Random
    kills: int = 0
    #: Each run that completes is followed by runs with another parameter.
    salt: int = 0
    #: Tasks told to have completed with this parameter.
    completed: set[str] = field(default_factory=set)

    def run_and_kill(self, victim: Victim) -> None:
        command = Command.start(
            "run", str(self.path), "--workers", "2", "-p", "salt", f"{self.salt}"
        )
        try:
            # The command outlives its workers and zygotes: more than one can be killed.
            for _ in range(1 if victim == "command" else 3):
                self.kills += self.wait_and_kill(command, victim)
            code = command.wait()
            orphans = command.orphans()
        finally:
            command.process.kill()
        assert not orphans
        told = command.completed()
        assert not self.completed.intersection(told), "what had completed ran again"
        assert len(told) == len(set(told))
        self.completed.update(told)
        self.check_store()
        if code == -9:
            return
        last = nbflow.runs(self.path)[-1]
        assert code == (0 if last.status == "completed" else 1), command.lines
        statuses = {task.task: task.status for task in last.tasks}
        lost = {task for task in self.completed if statuses[task] not in ("cached", "completed")}
        assert not lost
        if code == 0:
            self.check_values(last)
            self.salt += 1
            self.completed.clear()

    def wait_and_kill(self, command: Command, victim: Victim) -> bool:
        """Kill after some lines, or after some time; False when it was over by then."""
        if self.chance.random() < 0.7:
            left = TASKS - len(self.completed) - len(command.lines)
            command.wait_lines(len(command.lines) + self.chance.randrange(max(left, 1)))
            pause = self.chance.uniform(0, 0.03)
        else:
            pause = self.chance.uniform(0, 1.2)
        time.sleep(pause)  # the moment is random on purpose
        while command.process.poll() is None:
            if command.kill(victim):
                return True
        return False

    def check_store(self) -> None:
        """The history is whole, wherever there is one: the first run can die before it."""
        if not (self.path.parent / ".nbflow" / "history.sqlite").exists():
            assert not self.completed
            return
        with sqlite3.connect(self.path.parent / ".nbflow" / "history.sqlite") as history:
            assert history.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        history.close()

    def check_values(self, run: FlowRun) -> None:
        """All values are right, and all of them can be loaded."""
        assert run["report"].report == expected(self.salt)
        for name in run:
            for artifact in run[name].outputs.values():
                run.store.load(artifact)
        run.store.close()


def kill(folder: Path, victims: dict[Victim, int], seed: int) -> None:
    print(f"seed {seed}")
    path = folder / "killed.ipynb"
    write(path)
    killer = Killer(path, random.Random(seed))
    for victim, count in victims.items():
        before = killer.kills
        while killer.kills < before + count:
            killer.run_and_kill(victim)
    # No manual step: the next run completes.
    last = Command.start("run", str(path), "-p", "salt", f"{killer.salt}")
    assert last.wait() == 0, last.lines
    assert not killer.completed.intersection(last.completed())
    killer.check_values(nbflow.runs(path)[-1])


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    kill(tmp_path, {"worker": 2, "zygote": 2, "command": 2}, random.randrange(1 << 30))


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize("victim", ["worker", "zygote", "command"])
def test_seventy_kills_lose_nothing(tmp_path: Path, victim: Victim) -> None:
    kill(tmp_path, {victim: 70}, random.randrange(1 << 30))
