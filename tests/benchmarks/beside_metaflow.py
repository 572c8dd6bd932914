"""The same work done by nbflow and by Metaflow."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nbformat import NotebookNode

from tests.benchmarks.measure import ROOT, Row, Taken, alternate, fresh, metaflow, nbflow
from tests.notebooks import foreach, notebook, step


def chain(length: int) -> NotebookNode:
    """Steps that each add one to what the one above gives."""
    first = step("step_0", "x = 0")
    return notebook(first, *(step(f"step_{i}", "x = x + 1") for i in range(1, length)))


def squares(count: int) -> NotebookNode:
    """A foreach over integers, and a join."""
    return notebook(
        step("start", f"numbers = list(range({count}))"),
        foreach("number in numbers", "squared = number**2"),
        step("join", "total = sum(squared)\nprint(total)"),
    )


def chain22() -> Row:
    ours, theirs = alternate(
        fresh(lambda folder: nbflow(chain(22), folder)),
        fresh(lambda folder: metaflow("chain", folder, "run")),
    )
    return compared("chain of 22 steps, cold, whole process", ours, theirs, faster=10)


def foreach200() -> Row:
    ours, theirs = alternate(
        fresh(lambda folder: nbflow(squares(200), folder)),
        fresh(
            lambda folder: metaflow(
                "squares", folder, "run", "--max-workers", "2", "--max-num-splits", "200"
            )
        ),
        repeats=1,
    )
    return compared("foreach over 200 integers, 2 workers", ours, theirs, faster=40)


def rerun() -> Row:
    """The whole chain current: nbflow runs it again, Metaflow resumes the finished run."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        nbflow(chain(22), Path(one))
        metaflow("chain", Path(other), "run")
        ours, theirs = alternate(
            lambda: nbflow(chain(22), Path(one)),
            lambda: metaflow("chain", Path(other), "resume"),
            repeats=5,
        )
    return compared("the same chain again, all cached (Metaflow: `resume`)", ours, theirs, faster=1)


def primes() -> Row:
    ours, theirs = alternate(
        fresh(lambda folder: nbflow(ROOT / "binder" / "primes.ipynb", folder)),
        fresh(lambda folder: metaflow("primes", folder, "run")),
    )
    return compared("`binder/primes.ipynb`, 200,000 integers, cold", ours, theirs, faster=1)


def handoff() -> Row:
    document = notebook(
        step("make", "import numpy as np\ndata = np.random.default_rng(0).random(50_000_000)"),
        step("read", "print(data.sum())"),
    )
    ours, theirs = alternate(
        fresh(lambda folder: nbflow(document, folder)),
        fresh(lambda folder: metaflow("handoff", folder, "run")),
    )
    return compared("400 MB of random floats made, stored and read", ours, theirs, faster=1)


def compared(work: str, ours: Taken, theirs: Taken, *, faster: float) -> Row:
    ratio = theirs.seconds / ours.seconds
    bar = f"{ratio:.1f} × faster (bar: {faster} ×)"
    return Row(
        work, f"{ours.seconds:.2f} s", f"Metaflow {theirs.seconds:.2f} s", bar, ratio >= faster
    )
