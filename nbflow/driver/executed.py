"""The executed notebook: every cell's outputs as a top-to-bottom execution would leave them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
import nbformat
from msgspec.structs import replace
from nbformat import NotebookNode, v4

from nbflow.driver import binding, injection, staying
from nbflow.errors import NotebookError
from nbflow.flow import Flow
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.facts import Facts
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.task import ErrorText
from nbflow.results import FlowRun, error_output
from nbflow.steps import CodeCell
from nbflow.store.store import Store

if TYPE_CHECKING:
    from nbflow.driver.kernel import OrdinaryKernel

_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
#: Told of each code cell when it is its turn: its position, and what becomes of it.
OnCell: TypeAlias = Callable[[int, Literal["started", "completed", "failed"]], None]


class Recorded(msgspec.Struct, frozen=True):
    """What a run left of a step that completed, or failed."""

    outputs: Sequence[Mapping[str, Any]]
    artifacts: Mapping[str, Artifact]
    error: ErrorText | None
    #: Where the values are that it could not hand on, and how an ordinary cell gets them.
    stayed: Mapping[str, str] = msgspec.field(default_factory=dict)


class Part(msgspec.Struct, frozen=True):
    """One code cell of the document, with what was recorded if it is a step that ran."""

    code: CodeCell
    recorded: Recorded | None = None

    @property
    def is_step(self) -> bool:
        return self.code.role in ("step", "foreach")


def read(path: Path, notebook: Notebook) -> NotebookNode:
    """The whole document that a notebook was read from, metadata and all.

    Raises
    ------
    NotebookError
        The file has changed since.
    """
    if path.suffix == ".ipynb":
        document: NotebookNode = nbformat.read(path, as_version=4)
    else:
        import jupytext  # type: ignore[import-untyped]  # late: 0.2 s

        document = jupytext.read(path)
    if [cell.source for cell in document.cells] != [cell.source for cell in notebook.cells]:
        raise NotebookError(f"`{path}` has been changed since it was read", "Run it again.")
    upgraded: NotebookNode = v4.upgrade(document)  # adds the cell ids that older formats lack
    return upgraded


def execute(
    document: NotebookNode, flow: Flow, run: FlowRun, parameters: Mapping[str, object]
) -> ErrorText | None:
    """Fill in a notebook in place, as if it had been executed from top to bottom.

    Parameters
    ----------
    document
        The notebook as it was when the run began.
    parameters
        Values that were given; they get papermill's ``injected-parameters`` cell.

    Returns
    -------
    The error of the step or ordinary cell that ended it, if one did.

    Raises
    ------
    NbflowError
        The kernel for the ordinary cells cannot be started.
    """
    parts = _parts(document, flow.cells, run)
    if parameters:
        _inject(document, parts, parameters)
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    document.metadata.setdefault("kernelspec", kernelspec)
    return _fill(document, parts, run.store, Path(flow.path), lambda _position, _state: None)


def fill(document: NotebookNode, flow: Flow, run: FlowRun, on_cell: OnCell) -> ErrorText | None:
    """Fill in a notebook whose parameters have been injected, and tell of each cell.

    Steps get what the run recorded. If an ordinary cell does more than define things, the
    ordinary cells run in a kernel, with the steps' outputs bound where the steps stand. As in any
    execution, nothing below the first error has outputs; a step that did not run has none either,
    nor has an ordinary cell that reads what such a step would have given.
    """
    parts = _parts(document, flow.cells, run)
    return _fill(document, parts, run.store, Path(flow.path), on_cell)


def refill(
    document: NotebookNode,
    codes: Sequence[CodeCell],
    run: FlowRun,
    parameters: Mapping[str, object],
) -> tuple[str, ...]:
    """Fill in what a run has recorded, and execute nothing; the steps whose outputs are gone."""
    lost: dict[str, None] = {}
    for task in run.tasks:
        if task.log is not None and not run.store.present([task.log]):
            lost[task.step] = None
    parts = _parts(document, codes, run, lost)
    if parameters:
        _inject(document, parts, parameters, "injected-parameters")
    filling = _Filling(document, run.store, None, frozenset())
    for position, part in enumerate(parts):
        if part is not None and part.recorded is not None and filling.cell(position, part):
            break
    return tuple(lost)


def _parts(
    document: NotebookNode, codes: Iterable[CodeCell], run: FlowRun, lost: Collection[str] = ()
) -> list[Part | None]:
    # By position: a document without cell ids was given others than the flow's.
    every = iter(codes)
    return [
        Part(code := next(every), _recorded(code, run, lost)) if cell.cell_type == "code" else None
        for cell in document.cells
    ]


def _recorded(code: CodeCell, run: FlowRun, lost: Collection[str]) -> Recorded | None:
    tasks = [task for task in run.tasks if task.cell == code.cell.id and task.step not in lost]
    failed = next((n for n, task in enumerate(tasks) if task.error is not None), None)
    if failed is not None:
        # As in a loop: what comes after the first split that failed was never put out.
        outputs = [each for task in tasks[: failed + 1] for each in run.logged(task)]
        return Recorded(outputs, {}, tasks[failed].error)
    if not tasks or any(task.status not in ("completed", "cached") for task in tasks):
        return None
    remedy = staying.remedy(code.role)
    stayed = {
        one.name: f"{staying.told(task.step, code.cell, one)}. {remedy}"
        for task in tasks
        for one in task.uncarried
    }
    return Recorded(run.outputs_of(code.cell.id), run.artifacts_of(code.cell.id), None, stayed)


def _inject(
    document: NotebookNode,
    parts: list[Part | None],
    parameters: Mapping[str, object],
    identity: str | None = None,
) -> None:
    source = injection.source(parameters)
    cell = v4.new_code_cell(source, **({"id": identity} if identity else {}))
    cell.metadata["tags"] = ["injected-parameters"]
    code = Cell(cell.id, 0, "code", source, ("injected-parameters",))
    part = Part(CodeCell(code, "parameters", None, Facts(Digest(""), only_definitions=True)))
    for position, old in enumerate(document.cells):
        if "injected-parameters" in old.metadata.get("tags", []):
            document.cells[position], parts[position] = cell, part
            return
    after = [n for n, each in enumerate(parts) if each and each.code.role == "parameters"]
    position = after[0] + 1 if after else 0
    document.cells.insert(position, cell)
    parts.insert(position, part)


def _fill(
    document: NotebookNode, parts: Sequence[Part | None], store: Store, path: Path, on_cell: OnCell
) -> ErrorText | None:
    for cell, part in zip(document.cells, parts, strict=True):
        if part is not None:
            cell.outputs, cell.execution_count = [], None
    with ExitStack() as stack:
        kernel = None
        if any(_acts(part) for part in parts):
            # Late: a kernel's client takes longer to import than most cached runs take.
            from nbflow.driver.kernel import OrdinaryKernel

            kernel = stack.enter_context(OrdinaryKernel(document, path))
        filling = _Filling(document, store, kernel, _wanted(parts))
        for position, part in enumerate(parts):
            if part is None or not part.code.cell.source.strip() or not filling.ready(part):
                continue
            on_cell(position, "started")
            error = filling.cell(position, part)
            on_cell(position, "completed" if error is None else "failed")
            if error is not None:
                return replace(error, number=part.code.cell.number)
    return None


@dataclass(slots=True)
class _Filling:
    """The way through a notebook: what has been executed so far, and what is missing."""

    document: NotebookNode
    store: Store
    kernel: OrdinaryKernel | None
    #: Names that ordinary cells may read; None for any name at all.
    wanted: frozenset[str] | None
    #: Execution count of the last cell that was executed.
    count: int = 0
    #: Names whose step, or ordinary cell, was left out.
    missing: set[str] = field(default_factory=set)
    #: What the steps above could not hand on.
    stayed: dict[str, str] = field(default_factory=dict)

    def ready(self, part: Part) -> bool:
        """Whether the cell can be executed; if not, what it binds is missing from here on."""
        facts = part.code.facts
        if part.is_step:
            ready = part.recorded is not None
        else:
            ready = self.missing.isdisjoint({*facts.reads, *facts.late_reads})
        binds = {*facts.binds, *facts.may_bind}
        self.missing = self.missing - binds if ready else self.missing | binds
        return ready

    def cell(self, position: int, part: Part) -> ErrorText | None:
        """Execute one cell, or fill in what was recorded of it."""
        self.count += 1
        cell = self.document.cells[position]
        error = None
        if part.recorded is not None:
            cell.outputs = [_output(each, self.count) for each in part.recorded.outputs]
            error = part.recorded.error
            self._take_in(part)
            if self.kernel is not None and error is None:
                self._bind(self.kernel, part.code, part.recorded)
        elif self.kernel is not None:
            error = self.kernel.run(position, part.code.body, self.count)
            if error is not None:
                self._explain(cell, error)
            self._take_in(part)
        if error is not None and not any(each.output_type == "error" for each in cell.outputs):
            cell.outputs.append(nbformat.from_dict(error_output(error)))
        cell.outputs = _merged(cell.outputs)
        cell.execution_count = self.count
        return error

    def _bind(self, kernel: OrdinaryKernel, code: CodeCell, recorded: Recorded) -> None:
        artifacts = {n: each for n, each in recorded.artifacts.items() if self._is_wanted(n)}
        for name in recorded.stayed:
            # Nor may a cell find the value from before.
            kernel.silently(f"globals().pop({name!r}, None)")
        if artifacts:
            kernel.silently(binding.source(self.store, artifacts))
        for definition in code.facts.definitions:
            if any(n in code.defined() and self._is_wanted(n) for n in definition.names):
                kernel.silently(definition.source)

    def _take_in(self, part: Part) -> None:
        facts = part.code.facts
        for name in (*facts.binds, *facts.may_bind):
            self.stayed.pop(name, None)
        if part.recorded is not None:
            self.stayed |= part.recorded.stayed

    def _explain(self, cell: NotebookNode, error: ErrorText) -> None:
        """Say where a value is that an ordinary cell has looked for in vain."""
        found = _UNDEFINED.search(error.message) if error.name == "NameError" else None
        if found and (where := self.stayed.get(found[1])):
            cell.outputs.append(v4.new_output("stream", name="stderr", text=f"{where}\n"))

    def _is_wanted(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted


def _acts(part: Part | None) -> bool:
    return (
        part is not None
        and part.code.role in ("ordinary", "setup", "parameters")
        and bool(part.code.body.strip())
        and not part.code.facts.only_definitions
    )


def _wanted(parts: Iterable[Part | None]) -> frozenset[str] | None:
    names: set[str] = set()
    for part in parts:
        if part is None:
            continue
        facts = part.code.facts
        for definition in facts.definitions:
            names |= definition.needs | definition.calls
        if not part.is_step:
            if facts.dynamic:
                return None
            names |= {*facts.reads, *facts.late_reads, *facts.mutates}
    return frozenset(names)


def _output(recorded: Mapping[str, Any], count: int) -> NotebookNode:
    output: NotebookNode = nbformat.from_dict(dict(recorded))
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def _merged(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Neighbouring pieces of one stream as one, as a front end shows them."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged
