"""Timing of whole processes, and the rows that the measurements become."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tests import notebooks

ROOT = Path(__file__).parent.parent.parent
METAFLOW_FLOWS = Path(__file__).parent / "metaflow_flows"
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, the bar it is held to, and whether it is met."""

    work: str
    ours: str
    beside: str
    bar: str
    met: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What one command took: wall seconds, and the peak memory of its largest process."""

    seconds: float
    peak_bytes: int = 0


def alternate(*works: Callable[[], Taken], repeats: int = REPEATS) -> list[Taken]:
    """The medians of some works, done in turns so that a busy moment strikes all of them."""
    rounds = [[work() for work in works] for _ in range(repeats)]
    return [
        Taken(
            statistics.median(taken.seconds for taken in column),
            int(statistics.median(taken.peak_bytes for taken in column)),
        )
        for column in zip(*rounds, strict=True)
    ]


def command(*words: str, cwd: Path, **environment: str) -> Taken:
    """Run a command to its end; its output is shown when it fails."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    # What is installed has its bytecode, whatever this shell says of writing any.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(words, cwd=cwd, env=env, stdout=output, stderr=output)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise RuntimeError(f"{words} failed:\n{output.read().decode(errors='replace')}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Taken(seconds, usage.ru_maxrss * unit)


def nbflow(document: NotebookNode | Path, folder: Path, *words: str) -> Taken:
    """``nbflow run`` of a notebook in a folder, whole process; a fresh folder is a cold store."""
    path = folder / "notebook.ipynb"
    if isinstance(document, Path):
        path.write_bytes(document.read_bytes())
    else:
        notebooks.write(document, path)
    main = "from nbflow.cli import main; main()"
    run = ("run", str(path), "--store", str(folder / ".nbflow"), "--workers", "2")
    return command(sys.executable, "-c", main, *run, *words, cwd=folder)


def metaflow(flow: str, folder: Path, *words: str) -> Taken:
    """A flow of ``metaflow_flows``, its datastore in a folder, without network."""
    return command(
        *(sys.executable, str(METAFLOW_FLOWS / f"{flow}.py"), *words),
        cwd=folder,
        HOME=str(folder),
        METAFLOW_USER="benchmark",
        METAFLOW_DEFAULT_DATASTORE="local",
        METAFLOW_DEFAULT_METADATA="local",
        METAFLOW_DATASTORE_SYSROOT_LOCAL=str(folder),
    )


def fresh(work: Callable[[Path], Taken]) -> Callable[[], Taken]:
    """The work in a new empty folder each time."""

    def taken() -> Taken:
        with tempfile.TemporaryDirectory(prefix="nbflow-benchmark-") as folder:
            return work(Path(folder))

    return taken
