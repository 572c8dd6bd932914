"""One real notebook: run plainly as far as it goes, then as a flow with every code cell a step."""

from __future__ import annotations

import contextlib
import inspect
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import nbflow
from nbflow.errors import FlowError
from nbflow.records.problem import Problem
from nbflow.results import FlowRun
from tests import notebooks, plain_kernel
from tests.laws import describe
from tests.laws.run_both import normal

#: What becomes of a notebook, the best first.
Kind = Literal["equal", "named", "refused", "failed", "differs", "crash", "not plain"]

#: Files beside the notebook up to this size are its data.
_LARGEST_FILE = 2_000_000
_LARGEST_FOLDER = 30_000_000

#: The last cell of a plain run. Its names must not be in anybody's way.
_DESCRIBE = """\
_space = {{'__name__': 'describe'}}
exec({describe!r}, _space)
import json as _json, builtins as _builtins
_text = _json.dumps(_space['namespace'](globals()))
with _builtins.open('{folder}/values.json', 'w') as _file:
    _file.write(_text)
"""


@dataclass(frozen=True)
class Seen:
    """What the plain runs showed: what is stable, by cell index and by name."""

    #: Indices of the code cells that ran; those that raise are taken out of the notebook.
    cells: tuple[int, ...] = ()
    #: Why the others did not.
    raised: tuple[str, ...] = ()
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    #: How long the last of the plain runs took, the kernel's start included.
    seconds: float = 0

    def agreeing(self, other: Seen) -> Seen:
        """What both showed."""
        return replace(
            self,
            outputs={n: out for n, out in self.outputs.items() if other.outputs.get(n) == out},
            values={name: t for name, t in self.values.items() if other.values.get(name) == t},
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a notebook as a flow, compared with the plain runs."""

    kind: Kind
    #: Causes, as few words each: problem codes, exceptions, what differs.
    causes: tuple[str, ...] = ()
    #: For people who look into it.
    details: tuple[str, ...] = ()
    #: Steps that were run again although nothing had changed.
    again: tuple[str, ...] = ()
    #: How long the plain run took, the flow from an empty store, and the flow from its cache.
    seconds: tuple[float, ...] = ()


def copied(path: Path, folder: Path) -> Path:
    """The notebook with the small files beside it, in a folder of its own."""
    size = 0
    for file in sorted(path.parent.rglob("*")):
        if not file.is_file() or file.suffix == ".ipynb" or ".nbflow" in file.parts:
            continue
        size += file.stat().st_size
        if file.stat().st_size <= _LARGEST_FILE and size <= _LARGEST_FOLDER:
            target = folder / file.relative_to(path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def document_of(path: Path) -> NotebookNode:
    """The notebook in today's format, without outputs and without an id twice."""
    document = nbformat.v4.upgrade(nbformat.read(path, as_version=4))
    for number, cell in enumerate(document.cells, 1):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document.metadata = nbformat.from_dict({"kernelspec": kernel})
    read: NotebookNode = document
    return read


def code_of(document: NotebookNode) -> list[NotebookNode]:
    """The code cells that are not empty."""
    return [c for c in document.cells if c.cell_type == "code" and c.source.strip()]


def plainly(path: Path, new_folder: Callable[[], Path], seconds: float) -> Seen:
    """Run a notebook in fresh kernels until twice no cell raises; what is stable is kept."""
    cells = tuple(range(len(code_of(document_of(path)))))
    seen: list[Seen] = []
    raised: list[str] = []
    for _ in range(6):
        seen.append(_plainly(path, cells, copied(path, new_folder()), seconds))
        if seen[-1].cells != cells:
            raised += seen[-1].raised
            cells = seen[-1].cells
            seen.clear()
        if len(seen) == 2 or not cells:
            break
    if len(seen) < 2:
        return Seen(raised=tuple(raised))
    first, second = seen
    return replace(second.agreeing(first), cells=cells, raised=tuple(raised))


def _plainly(path: Path, cells: tuple[int, ...], folder: Path, seconds: float) -> Seen:
    document = document_of(path)
    code = code_of(document)
    last = new_code_cell(_DESCRIBE.format(describe=inspect.getsource(describe), folder=folder))
    document.cells.append(last)
    client = plain_kernel.client(document, folder, seconds)
    raised: dict[int, str] = {}
    begun, took = time.monotonic(), 0.0
    with client.setup_kernel(stderr=subprocess.DEVNULL):
        for index in cells:
            try:
                client.execute_cell(code[index], document.cells.index(code[index]))
            except CellExecutionError as error:
                if "raises-exception" not in code[index].metadata.get("tags", []):
                    raised[index] = error.ename
            except (CellControlSignal, DeadKernelError) as error:
                raised[index] = type(error).__name__
                break
        else:
            took = time.monotonic() - begun
            with contextlib.suppress(CellExecutionError, CellControlSignal):
                client.execute_cell(last, len(document.cells) - 1)
    described = folder / "values.json"
    return Seen(
        tuple(index for index in cells if index not in raised),
        tuple(raised.values()),
        {str(index): _seen(code[index].outputs) for index in cells},
        json.loads(described.read_text()) if described.exists() else {},
        took,
    )


def as_flow(path: Path, seen: Seen, folder: Path, workers: Sequence[int]) -> Outcome:
    """Run the cells that ran plainly as steps, once for each of these numbers of workers.

    Each time from an empty store, and once more, when all is to come from the cache. The first
    outcome that is not equal is the notebook's.
    """
    outcomes: list[Outcome] = []
    for count in workers:
        outcome = _as_flow(path, seen, folder / f"workers-{count}" / "here", count)
        outcomes.append(outcome)
        if outcome.kind != "equal":
            break
    again = dict.fromkeys(name for outcome in outcomes for name in outcome.again)
    return replace(outcomes[-1], again=tuple(again), seconds=outcomes[0].seconds)


def _as_flow(path: Path, seen: Seen, folder: Path, workers: int) -> Outcome:
    document = document_of(path)
    found = code_of(document)
    code = {index: found[index] for index in seen.cells}
    kept = {cell.id for cell in code.values()}
    document.cells = [c for c in document.cells if c.cell_type != "code" or c.id in kept]
    for index, cell in code.items():
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), f"step:cell_{index}"]
    target = notebooks.write(document, copied(path, folder) / "notebook.ipynb")
    begun = time.monotonic()
    with nbflow.load(target) as flow:
        try:
            run = flow.run(workers=workers)
        except FlowError:
            errors = [problem for problem in flow.problems if problem.severity == "error"]
            return Outcome(
                "refused",
                tuple(dict.fromkeys(problem.code for problem in errors)),
                tuple(f"[{p.number}:{p.line}] {p.code}: {p.message}" for p in errors),
            )
        first = time.monotonic() - begun
        differences = _differences(seen, run, code)
        told = [problem for problem in flow.problems if problem.severity == "warning"]
    begun = time.monotonic()
    with nbflow.load(target) as flow:
        again = flow.run(workers=workers)
        cached = time.monotonic() - begun
        replayed = _differences(seen, again, code)
    differences |= {f"{what}, from the cache": how for what, how in replayed.items()}
    outcome = _compared(run, differences, again, [*told, *run.hazards])
    return replace(outcome, seconds=(seen.seconds, first, cached))


def _compared(
    run: FlowRun, differences: dict[str, str], again: FlowRun, told: Sequence[Problem]
) -> Outcome:
    errors = {task.task: task.error for task in run.tasks if task.error is not None}
    details = (
        *(f"{task}: {e.name}: {e.message} (line {e.line})" for task, e in errors.items()),
        *(f"{what}: {how}" for what, how in differences.items()),
        *(f"[{h.number}] {h.code}: {h.message}" for h in told),
    )
    uncached = tuple(
        f"{task.task}: {', '.join(reason.kind for reason in task.reasons)}"
        for task in again.tasks
        if task.status in ("completed", "failed") and task.task not in errors
    )
    hazards = tuple(dict.fromkeys(problem.code for problem in told))
    if errors:
        names = tuple(dict.fromkeys(error.name for error in errors.values()))
        return Outcome("failed", names, details, uncached)
    if not differences:
        return Outcome("equal", details=details, again=uncached)
    if hazards:
        return Outcome("named", hazards, details, uncached)
    return Outcome("differs", tuple(differences)[:1], details, uncached)


def _differences(seen: Seen, run: FlowRun, code: dict[int, NotebookNode]) -> dict[str, str]:
    """What differs, among what is stable and has been run."""
    ran = {task.cell for task in run.tasks if task.status in ("completed", "cached")}
    found: dict[str, str] = {}
    for index, cell in code.items():
        wanted = seen.outputs.get(str(index))
        given = _seen([nbformat.from_dict(each) for each in run.outputs_of(cell.id)])
        if cell.id in ran and wanted is not None and given != wanted:
            found[f"outputs of cell_{index}"] = _shown(wanted, given)
    last: dict[str, Any] = {}
    for task in run.tasks:
        last |= dict.fromkeys(task.outputs, run[task.step])
        for one in task.uncarried:
            last.pop(one.name, None)
    for name, step in last.items() if run.status == "completed" else ():
        if name in seen.values:
            text = describe.describe(getattr(step, name))
            if text != seen.values[name]:
                found[f"value of {name}"] = _shown(seen.values[name], text)
    return found


def _shown(wanted: object, given: object) -> str:
    left = json.dumps(wanted, ensure_ascii=False)
    right = json.dumps(given, ensure_ascii=False)
    at = next((i for i, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), 0)
    begin = max(0, at - 60)
    return f"…{left[begin : at + 90]!r} became …{right[begin : at + 90]!r}"


def _seen(outputs: list[NotebookNode]) -> list[dict[str, Any]]:
    """Outputs as a reader sees them; a kernel's own two streams come in any order."""
    result: list[dict[str, Any]] = []
    for output in normal(outputs):
        streams = result[-2:]
        same = [each for each in streams if each.get("stream") == output.get("stream", "")]
        if same and all("stream" in each for each in streams[streams.index(same[0]) :]):
            same[0]["text"] += output["text"]
        else:
            result.append(output)
    for first, second in pairwise(result):
        if first.get("stream") == "stderr" and second.get("stream") == "stdout":
            held = dict(first)
            first.update(second)
            second.update(held)
    return result


def as_json(thing: Seen | Outcome) -> str:
    return json.dumps(asdict(thing), ensure_ascii=False)
