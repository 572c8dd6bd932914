"""The executed notebook is what executing it from top to bottom would have left."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

import nbflow
from nbflow.driver import executed
from nbflow.errors import NotebookError
from nbflow.records.task import ErrorText
from tests import plain_kernel
from tests.notebooks import code, foreach, notebook, parameters, plain, setup, step, write


def run(
    document: NotebookNode, path: Path, *steps: str, **values: Any
) -> tuple[NotebookNode, ErrorText | None]:
    """Run a notebook's flow and fill in its document."""
    with nbflow.load(write(document, path)) as flow:
        filled = executed.read(flow.path, flow.notebook)
        ended = flow.run(*steps, executor="inline", **values)
        error = executed.execute(filled, flow.flow, ended, values)
    nbformat.validate(filled)
    return filled, error


def shown(document: NotebookNode) -> list[tuple[int | None, list[str]]]:
    """Execution count and outputs of each code cell, as text."""
    return [
        (cell.execution_count, [_text(output) for output in cell.outputs])
        for cell in document.cells
        if cell.cell_type == "code"
    ]


def _text(output: NotebookNode) -> str:
    match output.output_type:
        case "stream":
            return f"{output.name}: {output.text}"
        case "error":
            return f"error: {output.ename}: {output.evalue}"
        case kind:
            count = f" {output.execution_count}" if kind == "execute_result" else ""
            return f"{kind}{count}: {output.data.get('text/plain')}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nb.ipynb"


def test_steps_get_their_recorded_outputs_and_counts(path: Path) -> None:
    document = notebook(
        "def double(x):\n    return 2 * x",
        step("load", "print('loading')\nxs = [1, 2]"),
        "",
        foreach("x in xs", "print('x is', x)\ny = double(x)"),
        step("total", "total = sum(y)\ntotal"),
    )
    filled, error = run(document, path)
    assert error is None
    assert shown(filled) == [
        (1, []),
        (2, ["stdout: loading\n"]),
        (None, []),
        (3, ["stdout: x is 1\nx is 2\n"]),
        (4, ["execute_result 4: 6"]),
    ]


def test_nothing_below_the_first_error_has_outputs(path: Path) -> None:
    document = notebook(
        step("load", "xs = [2, 0, 1]"),
        foreach("x in xs", "print(x)\ny = 1 / x\nassert y < 1"),
        step("other", "print(xs)"),
    )
    filled, error = run(document, path)
    assert error is not None
    assert (error.name, error.number) == ("ZeroDivisionError", 2)
    assert shown(filled) == [
        (1, []),
        (2, ["stdout: 2\n0\n", "error: ZeroDivisionError: division by zero"]),
        (None, []),
    ]


def test_steps_that_were_not_asked_for_have_no_outputs_nor_count(path: Path) -> None:
    document = notebook(
        step("a", "a = 1\nprint('a')"), step("b", "b = 2\nb"), step("c", "c = a\nprint('c')")
    )
    filled, _ = run(document, path, "c")
    assert shown(filled) == [(1, ["stdout: a\n"]), (None, []), (2, ["stdout: c\n"])]


@pytest.mark.parametrize(
    ("cells", "position"),
    [
        ([code("import math"), parameters("n: int = 1"), step("a", "a = n\na")], 2),
        (
            [
                parameters("n: int = 1"),
                code("n = 5", "injected-parameters"),
                step("a", "a = n\na"),
            ],
            1,
        ),
    ],
)
def test_parameters_that_were_given_are_injected_as_by_papermill(
    path: Path, cells: list[NotebookNode], position: int
) -> None:
    filled, _ = run(notebook(*cells), path, n=7)
    injected = [
        (number, cell.source)
        for number, cell in enumerate(filled.cells)
        if "injected-parameters" in cell.metadata.get("tags", [])
    ]
    assert injected == [(position, "# Parameters\nn = 7\n")]
    assert filled.cells[-1].outputs[0].data["text/plain"] == "7"


def test_old_outputs_of_the_document_are_gone(path: Path) -> None:
    document = notebook(step("a", "a = 1"), step("b", "b = 1"))
    document.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="old")]
    document.cells[1].execution_count = 99
    filled, _ = run(document, path)
    assert shown(filled) == [(1, []), (2, [])]


def test_a_notebook_changed_meanwhile_is_refused(path: Path) -> None:
    flow = nbflow.load(write(notebook(step("a", "a = 1")), path))
    write(notebook(step("a", "a = 2")), path)
    with pytest.raises(NotebookError, match="changed since"):
        executed.read(flow.path, flow.notebook)


ALIKE: dict[str, list[NotebookNode | str]] = {
    "ordinary cells read steps and definitions": [
        "import math",
        step("load", "data = [1, 4, 9]"),
        "def root(x):\n    return math.sqrt(x)",
        "print(data)\n[root(x) for x in data]",
        step(
            "more",
            "import json\ndef both(x):\n    return json.dumps([x, data])\nlast = data[-1]\nlast",
        ),
        "both(last)",
        "data.append(last)\nlen(data)",
    ],
    "set-up cells and magics": [
        setup(
            "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
            "plt.rcParams['lines.linewidth'] = 3"
        ),
        step("load", "value = 2"),
        "%time pass\nplt.rcParams['lines.linewidth'] + value",
    ],
    "foreach results are lists": [
        step("load", "xs = [1, 2, 3]"),
        foreach("x in xs", "y = x ** 2\nprint(y)"),
        "y, type(y).__name__",
    ],
    "an ordinary cell that fails ends it": [
        step("load", "x = 0"),
        "print('before')\n1 / x",
        step("below", "print(x)"),
        "print('never')",
    ],
    "an expected exception does not": [
        step("load", "x = 0"),
        code("1 / x", "raises-exception"),
        step("below", "print(x)"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("cells", ALIKE.values(), ids=ALIKE)
def test_it_is_what_a_kernel_would_have_left(path: Path, cells: list[NotebookNode | str]) -> None:
    filled, _ = run(notebook(*cells), path)
    reference = plain(notebook(*cells))
    with contextlib.suppress(CellExecutionError):
        plain_kernel.client(reference, path.parent).execute()
    assert [_stable(each) for each in shown(filled)] == [_stable(each) for each in shown(reference)]


def _stable(cell: tuple[int | None, list[str]]) -> tuple[int | None, list[str]]:
    # What %time prints differs from one execution to the next.
    return cell[0], [text for text in cell[1] if "Wall time" not in text]


def test_its_kernel_opens_no_port(path: Path) -> None:
    # One that is free when it is chosen may be another's when the kernel binds it.
    filled, _ = run(
        notebook(
            "import json\n"
            "from ipykernel.connect import get_connection_info\n"
            "print(json.loads(get_connection_info())['transport'])",
            step("a", "x = 1"),
        ),
        path,
    )
    assert shown(filled)[0][1] == ["stdout: ipc\n"]


@pytest.mark.slow
def test_an_ordinary_cell_that_reads_what_did_not_run_is_left_out(path: Path) -> None:
    document = notebook(
        step("a", "a = 1"),
        step("b", "b = 2"),
        "c = b + 1",
        "print(c)",
        "print(a)",
        "c = 5",
        "print(c)",
    )
    filled, error = run(document, path, "a")
    assert error is None
    assert shown(filled) == [
        (1, []),
        (None, []),
        (None, []),
        (None, []),
        (2, ["stdout: 1\n"]),
        (3, []),
        (4, ["stdout: 5\n"]),
    ]


@pytest.mark.slow
def test_what_stays_in_a_step_is_said_where_it_is_missed(path: Path) -> None:
    document = notebook(
        step("old", "conn = [1]"),
        step("connect", "import sqlite3\nconn = sqlite3.connect(':memory:')"),
        "print(conn)",
    )
    filled, error = run(document, path)
    assert error is not None
    assert error.message == "name 'conn' is not defined"
    assert shown(filled)[2][1] == [
        "error: NameError: name 'conn' is not defined",
        "stderr: `conn` stays in step `connect`, cell [2]: sqlite3.Connection cannot be carried. "
        "Make this cell a step (`%%step`): it replays that one to have it.\n",
    ]
    again = notebook(*document.cells[:2], "conn = 1", "del conn", "conn")
    filled, _ = run(again, path)
    assert shown(filled)[4][1] == ["error: NameError: name 'conn' is not defined"]


@pytest.mark.slow
def test_a_kernel_that_dies_ends_it_and_says_so(path: Path) -> None:
    filled, error = run(notebook(step("a", "a = 1"), "import os\nos._exit(1)", "print(a)"), path)
    assert error is not None
    assert (error.name, error.number) == ("DeadKernelError", 2)
    assert shown(filled)[1:] == [
        (2, ["error: DeadKernelError: the kernel died while it ran this cell"]),
        (None, []),
    ]
