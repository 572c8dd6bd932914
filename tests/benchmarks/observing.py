"""What it costs to see what a step reads, and to look at it again before its result is reused."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbflow as package
from tests import notebooks
from tests.benchmarks.measure import Row, Taken, alternate, command, nbflow

_FILES = 10_000
_NONE = "count = 0"
_READ = f"""\
count = 0
for i in range({_FILES}):
    with open(f"data/{{i}}.txt") as file:
        count += len(file.read().split())
"""


def reading() -> Row:
    """A step that reads many small files, beside a script; each less one that reads none."""
    with tempfile.TemporaryDirectory() as name:
        folder = _data(Path(name))

        def script(code: str) -> Taken:
            return command(sys.executable, "-c", code, cwd=folder)

        def flow(code: str) -> Taken:
            return nbflow(notebooks.notebook(notebooks.step("count", code)), folder, "--no-cache")

        taken = alternate(
            lambda: script(_READ), lambda: script(_NONE), lambda: flow(_READ), lambda: flow(_NONE)
        )
        read, none, observed, unobserved = (each.seconds for each in taken)
    plain, ours = read - none, observed - unobserved
    return Row(
        f"a step that reads {_FILES:,} small files, against a script",
        f"{ours / plain:.2f} ×",
        f"{ours:.2f} s, {plain:.2f} s",
        "bar: 1.05 ×",
        ours <= 1.05 * plain,
    )


def checking() -> Row:
    """A plan that finds the result of such a step current."""
    with tempfile.TemporaryDirectory() as name:
        folder = _data(Path(name))
        path = notebooks.write(
            notebooks.notebook(notebooks.step("count", _READ)), folder / "read.ipynb"
        )
        seconds = []
        with package.load(path) as flow:
            assert flow.run().status == "completed"
            for _ in range(5):
                start = time.perf_counter()
                plan = flow.plan()
                seconds.append(time.perf_counter() - start)
                assert plan["count"].verdict == "reuse"
    value = statistics.median(seconds)
    work = f"a result that read {_FILES:,} files found current"
    return Row(work, f"{value:.2f} s", "", "bar: 0.3 s", value <= 0.3)


def _data(folder: Path) -> Path:
    (folder / "data").mkdir()
    for number in range(_FILES):
        (folder / "data" / f"{number}.txt").write_text(f"{number} words of a small file\n" * 20)
    return folder
