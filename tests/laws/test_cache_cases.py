"""Law 2 as a table: what must run again after a change, what must not, and always the truth."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.cache_cases import (
    asked,
    code,
    elsewhere,
    files,
    functions,
    modules,
    others,
    patterns,
    programs,
    readers,
    surroundings,
    unusual,
)
from tests.laws.cache_cases.case import Case
from tests.laws.cache_cases.running import Other, keep, run

pytestmark = pytest.mark.slow

TABLES = (
    *(code, functions, modules, files, patterns, asked, readers, programs, surroundings, others),
    *(unusual, elsewhere),
)
CASES = [case for table in TABLES for case in table.CASES]


def _parametrized() -> Iterator[object]:
    for case in CASES:
        marks = [] if case.everyday else [pytest.mark.slow]
        if case.fails:
            marks.append(pytest.mark.xfail(strict=True, reason=case.fails))
        yield pytest.param(case, marks=marks, id=str(case).replace(" ", "-"))


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    process = Other()
    yield process
    process.close()


@pytest.mark.parametrize("case", [*_parametrized()])
def test_what_has_changed_runs_again_and_nothing_else(
    case: Case, tmp_path: Path, other: Other
) -> None:
    for module in case.needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"needs {module}")
    folder = tmp_path / "work"
    folder.mkdir()
    world = case.make(folder)
    first = run(world)
    assert first["status"] in ("completed", "failed"), first["why"]
    if case.hazards is not None:
        assert first["hazards"] == case.hazards.split()
    kept = keep(world)
    case.change(world)
    world.save()
    with contextlib.chdir(tmp_path):  # where a step runs does not depend on it
        here = run(world)
    fresh, truth = other.run(world, kept)
    for found in (here, fresh):
        assert found["status"] == truth["status"], found["why"]
        assert found["values"] == truth["values"]
        ran = {task.partition("[")[0] for task, now in found["steps"].items() if now != "cached"}
        assert ran == set(case.reruns.split()), found["reasons"]
