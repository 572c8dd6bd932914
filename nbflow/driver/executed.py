"""The executed notebook: every cell's outputs as a top-to-bottom execution would leave them."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import nbformat
from nbformat import NotebookNode, v4

from nbflow.driver import injection
from nbflow.errors import NotebookError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.facts import Facts
from nbflow.records.task import ErrorText

if TYPE_CHECKING:
    from nbflow.driver.kernel import OrdinaryKernel

#: Gives the source that binds artifacts to names in a kernel.
BindSource: TypeAlias = Callable[[Mapping[str, Artifact]], str]
#: Told of each code cell when it is its turn: its position, and what becomes of it.
OnCell: TypeAlias = Callable[[int, Literal["started", "completed", "failed"]], None]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a run left of a step that completed, or failed."""

    #: Recorded nbformat outputs; of a foreach, those of its splits in order.
    outputs: Sequence[Mapping[str, Any]] = ()
    #: The step's outputs by name.
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    error: ErrorText | None = None


@dataclass(frozen=True, slots=True)
class CodeCell:
    """One code cell of the document, as the flow sees it."""

    kind: Literal["step", "parameters", "setup", "ordinary"]
    #: The source without the directive.
    body: str
    facts: Facts
    #: As in ``cell [3]``.
    number: int = 0
    #: For a step; None when it did not run, or was cancelled.
    result: StepResult | None = None


def execute(
    document: NotebookNode,
    cells: Sequence[CodeCell | None],
    *,
    bind: BindSource,
    cwd: Path,
    parameters: Mapping[str, object] | None = None,
) -> tuple[NotebookNode, ErrorText | None]:
    """Fill in a copy of a notebook as if it had been executed from top to bottom.

    Parameters
    ----------
    document
        The notebook as it was when the run began.
    cells
        One entry for each cell of the document; None for those without code.
    bind
        Makes the source that binds artifacts in the kernel of the ordinary cells.
    cwd
        The notebook's directory.
    parameters
        Values that differ from the notebook's; they get papermill's ``injected-parameters`` cell.

    Returns
    -------
    The executed notebook, and the error that ended it, if one did.

    Raises
    ------
    NbflowError
        A kernel is needed and cannot be started.
    """
    executed = v4.upgrade(copy.deepcopy(document))
    parts = list(cells)
    if parameters:
        _inject(executed, parts, parameters)
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    executed.metadata.setdefault("kernelspec", kernelspec)
    return executed, fill(executed, parts, bind=bind, cwd=cwd)


def fill(
    document: NotebookNode,
    cells: Sequence[CodeCell | None],
    *,
    bind: BindSource,
    cwd: Path,
    on_cell: OnCell = lambda _position, _state: None,
) -> ErrorText | None:
    """Fill in a notebook in place; the error that ended it is returned.

    Steps get what the run recorded. If an ordinary cell does more than define things, the
    ordinary cells run in a kernel, with the steps' outputs bound where the steps stand. As in any
    execution, nothing below the first error has outputs; a step that did not run has none either,
    nor has an ordinary cell that reads what such a step would have given.
    """
    for cell, part in zip(document.cells, cells, strict=True):
        if part is not None:
            cell.outputs, cell.execution_count = [], None
    with ExitStack() as stack:
        kernel = None
        if any(_acts(part) for part in cells):
            # Late: a kernel's client takes longer to import than most cached runs take.
            from nbflow.driver.kernel import OrdinaryKernel

            kernel = stack.enter_context(OrdinaryKernel(document, cwd))
        filling = _Filling(document, kernel, bind, _wanted(cells))
        for position, part in enumerate(cells):
            if part is None or not document.cells[position].source.strip():
                continue
            if not filling.ready(part):
                continue
            on_cell(position, "started")
            error = filling.cell(position, part)
            on_cell(position, "completed" if error is None else "failed")
            if error is not None:
                return replace(error, number=error.number or part.number)
    return None


@dataclass(slots=True)
class _Filling:
    """The way through a notebook: what has been executed so far, and what is missing."""

    document: NotebookNode
    kernel: OrdinaryKernel | None
    bind: BindSource
    #: Names that ordinary cells may read; None for any name at all.
    wanted: frozenset[str] | None
    #: Execution count of the last cell that was executed.
    count: int = 0
    #: Names whose step, or ordinary cell, was left out.
    missing: set[str] = field(default_factory=set)

    def ready(self, part: CodeCell) -> bool:
        """Whether the cell can be executed; if not, what it binds is missing from here on."""
        binds = {*part.facts.binds, *part.facts.may_bind}
        if part.kind == "step":
            ready = part.result is not None
        else:
            ready = self.missing.isdisjoint({*part.facts.reads, *part.facts.late_reads})
        if ready:
            self.missing -= binds
        else:
            self.missing |= binds
        return ready

    def cell(self, position: int, part: CodeCell) -> ErrorText | None:
        """Execute one cell, or fill in what was recorded of it."""
        self.count += 1
        cell = self.document.cells[position]
        if part.result is not None:
            error = self._step(cell, part, part.result)
        else:
            error = None
            if self.kernel is not None:
                error = self.kernel.run(position, part.body, self.count)
        if error is not None and not any(each.output_type == "error" for each in cell.outputs):
            cell.outputs.append(_error_output(error))
        cell.outputs = _merged(cell.outputs)
        cell.execution_count = self.count
        return error

    def _step(self, cell: NotebookNode, part: CodeCell, result: StepResult) -> ErrorText | None:
        cell.outputs = [_output(each, self.count) for each in result.outputs]
        if self.kernel is not None and result.error is None:
            artifacts = {
                name: artifact
                for name, artifact in result.artifacts.items()
                if self.wanted is None or name in self.wanted
            }
            if artifacts:
                self.kernel.silently(self.bind(artifacts))
            for definition in part.facts.definitions:
                if self.wanted is None or not self.wanted.isdisjoint(definition.names):
                    self.kernel.silently(definition.source)
        return result.error


def write(document: NotebookNode, path: Path) -> None:
    """Write a notebook as a whole or not at all.

    Raises
    ------
    NotebookError
        The file cannot be written.
    """
    text: str = nbformat.writes(document)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            # A lone surrogate becomes the JSON escape that means it.
            unfinished.write_text(text.rstrip("\n") + "\n", "utf-8", errors="backslashreplace")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise NotebookError(
            f"The executed notebook cannot be written to {path}: {error.strerror}.",
            "Give another name, in a folder that you can write to.",
        ) from error


def _acts(part: CodeCell | None) -> bool:
    return (
        part is not None
        and part.kind in ("ordinary", "setup")
        and bool(part.body.strip())
        and not part.facts.only_definitions
    )


def _wanted(cells: Iterable[CodeCell | None]) -> frozenset[str] | None:
    names: set[str] = set()
    for part in cells:
        if part is None:
            continue
        for definition in part.facts.definitions:
            names |= definition.needs | definition.calls
        if part.kind != "step":
            if part.facts.dynamic:
                return None
            names |= {*part.facts.reads, *part.facts.late_reads, *part.facts.mutates}
    return frozenset(names)


def _inject(
    document: NotebookNode, parts: list[CodeCell | None], parameters: Mapping[str, object]
) -> None:
    source = injection.source(parameters)
    cell = v4.new_code_cell(source)
    cell.metadata["tags"] = ["injected-parameters"]
    part = CodeCell("parameters", source, Facts(Digest(""), only_definitions=True))
    for position, old in enumerate(document.cells):
        if "injected-parameters" in old.metadata.get("tags", []):
            document.cells[position], parts[position] = cell, part
            return
    after = [n for n, each in enumerate(parts) if each is not None and each.kind == "parameters"]
    position = after[0] + 1 if after else 0
    document.cells.insert(position, cell)
    parts.insert(position, part)


def _output(recorded: Mapping[str, Any], count: int) -> NotebookNode:
    output: NotebookNode = nbformat.from_dict(dict(recorded))
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def _error_output(error: ErrorText) -> NotebookNode:
    traceback = list(error.traceback) or [f"{error.name}: {error.message}"]
    output: NotebookNode = v4.new_output(
        "error", ename=error.name, evalue=error.message, traceback=traceback
    )
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
