"""``papermill --engine nbflow``: papermill's notebook, parameters, progress and errors."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import papermill
import pytest
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

import nbflow
from nbflow.papermill_engine import NbflowEngine
from tests.notebooks import code, foreach, notebook, parameters, read, step, write

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _engine() -> None:
    # As the entry point does once nbflow is installed.
    papermill.engines.papermill_engines.register("nbflow", NbflowEngine)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.ipynb"


def execute(document: NotebookNode, path: Path, **options: Any) -> NotebookNode:
    write(document, path)
    papermill.execute_notebook(
        path, path.with_name("out.ipynb"), engine_name="nbflow", progress_bar=False, **options
    )
    return read(path.with_name("out.ipynb"))


def statuses(document: NotebookNode) -> list[str]:
    return [
        cell.metadata.papermill.status for cell in document.cells if "papermill" in cell.metadata
    ]


@pytest.mark.parametrize(
    "given",
    [parameters("n: int = 3"), code("%%parameters\nn: int = 3"), code("#| parameters\nn = 3")],
)
def test_parameters_reach_the_steps_however_their_cell_is_marked(
    path: Path, given: NotebookNode
) -> None:
    document = notebook(
        "import math",
        given,
        step("load", "xs = list(range(n))\nprint(xs)"),
        foreach("x in xs", "y = x * 2"),
        step("total", "sum(y)"),
    )
    out = execute(document, path, parameters={"n": 4})
    sources = [cell.source for cell in out.cells]
    assert sources.index("# Parameters\nn = 4\n") == sources.index(given.source) + 1
    assert out.cells[3].outputs[0].text == "[0, 1, 2, 3]\n"
    assert out.cells[-1].outputs[0].data["text/plain"] == "12"
    assert [cell.execution_count for cell in out.cells] == [1, 2, 3, 4, 5, 6]
    assert set(statuses(out)) == {"completed"}
    assert (path.parent / ".nbflow").is_dir()


def test_a_failing_step_raises_as_any_failing_cell_does(path: Path) -> None:
    document = notebook(step("good", "a = 1"), step("bad", "1 / 0"), step("below", "b = a"))
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError") as raised:
        execute(document, path)
    assert raised.value.exec_count == 2
    assert raised.value.source == "1 / 0"
    out = read(path.with_name("out.ipynb"))
    assert statuses(out)[:2] == ["completed", "failed"]
    assert out.metadata.papermill.exception is True


def test_problems_of_the_flow_stand_in_their_cells(path: Path) -> None:
    document = notebook(step("a", "a = nowhere"), step("a", "b = 1"))
    with pytest.raises(PapermillExecutionError, match="already defined"):
        execute(document, path)
    out = read(path.with_name("out.ipynb"))
    assert [o.ename for cell in out.cells for o in cell.get("outputs", [])] == [
        "unknown-name",
        "duplicate-step",
    ]


@pytest.mark.parametrize(
    ("given", "told", "remedy"),
    [
        ({"rat": 0.3}, "in.ipynb has no parameter `rat`", "Did you mean `rate`?"),
        ({"rate": 0.3, "a": 1}, "in.ipynb has no parameter `a`", "Its parameters: `rate`, `n`."),
        ({"n": "many"}, "parameter `n` takes an int, not 'many'", "Give for example `-p n 4`"),
    ],
)
@pytest.mark.parametrize("mark", [parameters, lambda source: code(f"%%parameters\n{source}")])
def test_a_wrong_parameter_is_refused_as_on_the_command_line(
    path: Path, given: dict[str, object], told: str, remedy: str, mark: Any
) -> None:
    document = notebook(mark("rate = 0.5\nn: int = 3"), step("a", "a = rate * n"))
    with pytest.raises(PapermillExecutionError, match=told) as raised:
        execute(document, path, parameters=given)
    assert remedy in str(raised.value)
    assert not nbflow.runs(path)


def test_a_notebook_without_parameters_may_read_what_papermill_puts_at_its_top(path: Path) -> None:
    out = execute(notebook(step("a", "print(rate)")), path, parameters={"rate": 0.3})
    assert out.cells[1].outputs[0].text == "0.3\n"
    with pytest.raises(PapermillExecutionError, match="has no parameter `rat`"):
        execute(notebook(step("a", "print(1)")), path, parameters={"rat": 0.3})


def test_output_goes_where_papermill_was_asked_to_write_it(path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    document = notebook(step("a", "import sys\nprint('one')\nprint('two', file=sys.stderr)"))
    execute(document, path, stdout_file=out, stderr_file=err)
    assert (out.getvalue(), err.getvalue()) == ("one\n", "two\n")


def test_a_second_execution_is_cached_and_looks_the_same(path: Path) -> None:
    document = notebook(step("a", "import time\nprint(time.time_ns())"))
    first, second = execute(document, path), execute(document, path)
    assert first.cells[0].outputs == second.cells[0].outputs
    assert statuses(second) == ["completed"]


@pytest.mark.slow
def test_ordinary_cells_run_too(path: Path) -> None:
    document = notebook(step("load", "xs = [1, 2]"), "print(sum(xs))", "len(xs)")
    out = execute(document, path)
    assert out.cells[1].outputs[0].text == "3\n"
    assert out.cells[2].outputs[0].data["text/plain"] == "2"
    assert statuses(out) == ["completed"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("given", [parameters("cores: int = 2"), code("%%parameters\ncores = 2")])
def test_papermills_own_command_finds_the_engine(path: Path, given: NotebookNode) -> None:
    document = notebook(given, step("load", "xs = list(range(cores))"), "print(xs)")
    write(document, path)
    _install_entry_points(path.parent)
    options = ["-p", "cores", "4", "--engine", "nbflow", "--no-progress-bar"]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", path.name, "out.ipynb", *options],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{path.parent}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    out = read(path.with_name("out.ipynb"))
    assert out.cells[1].metadata.tags == ["injected-parameters"]
    assert out.cells[-1].outputs[0].text == "[0, 1, 2, 3]\n"
    assert [run.status for run in nbflow.runs(path)] == ["completed"]


def _install_entry_points(folder: Path) -> None:
    """What an installation leaves of pyproject.toml: a process that starts there finds it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (group,) = project["entry-points"].items()
    installed = folder / "jupyter_nbflow-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: jupyter-nbflow\nVersion: 0\n")
    lines = [f"[{group[0]}]", *(f"{name} = {value}" for name, value in group[1].items())]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n")
