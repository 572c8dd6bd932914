"""One notebook run from top to bottom in a plain kernel, and as a flow; what each of them gives."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import nbflow
from nbflow.records.task import lesson_of
from tests import notebooks, plain_kernel
from tests.laws import describe

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Result:
    """What a reader of the executed notebook sees, and what the names mean in the end."""

    #: Name to described value.
    values: dict[str, str]
    #: Cell id to its outputs, without what may differ from one run to the next.
    outputs: dict[str, list[dict[str, Any]]]
    #: Names whose values no process but the step's own can have.
    uncarried: frozenset[str] = frozenset()


def plainly(document: NotebookNode, folder: Path) -> Result:
    """Run the cells in one fresh kernel, marks taken off."""
    document = notebooks.plain(document)
    code = [cell for cell in document.cells if cell.cell_type == "code"]
    last = new_code_cell(
        f"_space = {{'__name__': 'describe'}}\n"
        f"exec({inspect.getsource(describe)!r}, _space)\n"
        "import json as _json\n"
        "with open('values.json', 'w') as _file:\n"
        "    _json.dump(_space['namespace'](globals()), _file)"
    )
    document.cells.append(last)
    plain_kernel.client(document, folder).execute()
    return Result(json.loads((folder / "values.json").read_text()), outputs(code))


def as_flow(document: NotebookNode, folder: Path) -> Result:
    """Run the steps from an empty store, then again to write the executed notebook."""
    path = notebooks.write(document, folder / "notebook.ipynb")
    flow = nbflow.load(path)
    run = flow.run(workers=2)
    assert run.status == "completed", [task.error for task in run.tasks if task.error]
    values: dict[str, str] = {}
    for cell in document.cells:
        for task in run.tasks:
            if task.cell == cell.id and (task.index is None or task.index == 0):
                step = run[task.step]
                values |= {name: describe.describe(getattr(step, name)) for name in task.outputs}
    records = [flow.store.latest(cell, None, flow.flow.name) for cell in flow.flow.steps]
    lost = [lesson_of(record).uncarried for record in records if record is not None]
    flow.close()
    assert rerun(path) == {}, "what is current runs again"
    command_line(path, "-o", str(folder / "executed.ipynb"))
    executed = notebooks.read(folder / "executed.ipynb")
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    return Result(values, outputs(code), frozenset[str]().union(*lost))


def rerun(path: Path) -> dict[str, str]:
    """What runs again although nothing has changed, and why."""
    with nbflow.load(path) as flow:
        tasks = flow.run(workers=2).tasks
    return {
        task.task: ", ".join(f"{reason.kind} {reason.subject}" for reason in task.reasons)
        for task in tasks
        if task.status == "completed" and {r.kind for r in task.reasons} - {"not-cached"}
    }


def command_line(path: Path, *words: str) -> None:
    main = "from nbflow.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", main, "run", str(path), *words],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr}"


def outputs(cells: list[NotebookNode]) -> dict[str, list[dict[str, Any]]]:
    return {cell.id: normal(cell.outputs) for cell in cells}


def normal(found: list[NotebookNode]) -> list[dict[str, Any]]:
    """Outputs as a reader sees them: neighbouring texts of a stream joined, counts left out."""
    result: list[dict[str, Any]] = []
    for output in found:
        kind = output["output_type"]
        if kind == "stream":
            last = result[-1] if result else {}
            if last.get("stream") == output["name"]:
                last["text"] += output["text"]
            else:
                result.append({"stream": output["name"], "text": output["text"]})
        elif kind == "error":
            # A syntax error says in which file, which is each kernel's own.
            told = re.sub(r"\(.*, line (\d+)\)$", r"(line \1)", output["evalue"])
            result.append({"error": output["ename"], "message": told})
        else:
            data = {mime: same_everywhere(content) for mime, content in output["data"].items()}
            result.append({kind: data})
    for stream in result:
        if "text" in stream:
            stream["text"] = same_everywhere(stream["text"])
    return result


def same_everywhere(content: Any) -> Any:
    """Text without addresses, measured times, a terminal's line ends, a warning's file, counts."""
    if not isinstance(content, str):
        return content
    text = describe.ADDRESS.sub("0x", content).replace("\r\n", "\n")
    text = re.sub(r"\b(sk-[a-z]+-id|T_[0-9a-f]{5}|df-[0-9a-f-]+)(-\d+)?", "id", text)
    text = re.sub(r"(?m)^(CPU times|Wall time|\s+\d+ function calls).*", r"\1", text)
    return re.sub(r"(?m)^\S.*:(\d+): (\w*Warning):", r"line \1: \2:", text)
