"""Runs of a set-up: cold, and then once for each change, each from the same warm cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.caching.changes import CHANGES, Change
from tests.benchmarks.caching.environment import Environment, reason
from tests.benchmarks.caching.judging import Answer, Verdict, found, judged
from tests.benchmarks.caching.setups import SetUp
from tests.benchmarks.measure import ROOT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a set-up made of each change, or why it could not be tried."""

    set_up: SetUp
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    #: Changes of which the tool asked whether they matter.
    asked: frozenset[str] = frozenset()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Ran:
    answer: Answer | None
    shown: str


class Project:
    """A set-up in a folder, with its cache, which can be set back to where it was first warm."""

    def __init__(self, set_up: SetUp, folder: Path, environment: Environment) -> None:
        self.set_up = set_up
        self._environment = environment
        self._folder, self._warm, self._home = folder / "project", folder / "warm", folder / "home"
        self._home.mkdir(parents=True)
        self._folder.mkdir()
        self._sources = set_up.sources()
        for name, path in self._sources.items():
            shutil.copyfile(path, self._folder / name)

    def cold(self) -> _Ran:
        ran = self._run("")
        shutil.copytree(self._folder, self._warm)
        return ran

    def after(self, change: Change) -> _Ran | None:
        """A run after a change; nothing where the set-up has nothing that could be changed so."""
        shutil.rmtree(self._folder)
        # To the same path, and with the times that the files had: no cache shall be misled.
        shutil.copytree(self._warm, self._folder)
        if not change.made(self._folder, self._sources):
            return None
        return self._run("y\n" if change.matters else "n\n")

    def _run(self, told: str) -> _Ran:
        # A home of its own: no profile or setting of this user takes part.
        env = {**os.environ, "HOME": str(self._home), "NO_COLOR": "1"}
        env.pop("PYTHONPATH", None)
        if self.set_up.tool is None:
            env["PYTHONPATH"] = str(ROOT)
        done = subprocess.run(
            [self._environment.filled_in(word) for word in self.set_up.command],
            cwd=self._folder,
            env=env,
            input=told * 9,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        shown = done.stdout + done.stderr
        written = self._folder / self.set_up.answer if self.set_up.answer else None
        if written:
            text = written.read_text(encoding="utf-8") if written.exists() else ""
            return _Ran(None if done.returncode else found(text), shown)
        return _Ran(found(done.stdout), shown)


def truths(project: Project) -> dict[str, int]:
    """What a run without any cache gives after each change."""
    values = {}
    for change in CHANGES:
        ran = project.after(change)
        assert ran is not None
        assert ran.answer is not None, ran.shown
        values[change.name] = ran.answer.value
    return values


def outcome(project: Project, truth: dict[str, int]) -> Outcome:
    set_up = project.set_up
    cold = project.cold()
    if cold.answer is None:
        return Outcome(set_up, failure=reason(cold.shown))
    if cold.answer.value != truth["no change"]:
        return Outcome(set_up, failure=f"gives {cold.answer.value} when it runs first")
    verdicts: dict[str, Verdict] = {}
    asked = set()
    for change in CHANGES:
        ran = project.after(change)
        if ran is None:
            verdicts[change.name] = Verdict.NONE
            continue
        verdicts[change.name] = judged(cold.answer, ran.answer, truth[change.name])
        if set_up.question and set_up.question in ran.shown:
            asked.add(change.name)
    return Outcome(set_up, verdicts, frozenset(asked))
