"""What the extension costs a kernel: to load it, and with every ordinary cell."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests import notebooks
from tests.benchmarks.measure import Row
from tests.magics.kernels import Kernel

_CELLS = 100
_TURNS = 300


def hooks() -> Row:
    """One more ordinary cell in a notebook of a hundred, beside IPython's own autoreload."""
    cells = ["%load_ext nbflow", *(f"def f{number}(x):\n    return x" for number in range(_CELLS))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebooks.write(notebooks.notebook(*cells), folder / "many.ipynb")
        bare = _kernel(folder, [])
        ours = _kernel(folder, cells)
        reloading = _kernel(folder, ["%load_ext autoreload", "%autoreload 2", *cells[1:]])
        try:
            works = [_one(bare), _one(ours), _one(reloading)]
            taken = [[work() for work in works] for _ in range(_TURNS)]
        finally:
            for each in (bare, ours, reloading):
                each.close()
    plain, with_ours, with_theirs = (
        statistics.median(column) * 1000 for column in zip(*taken, strict=True)
    )
    cost = with_ours - plain
    return Row(
        "one more ordinary cell in a notebook of 100, extension loaded",
        f"+{cost:.2f} ms",
        f"`%autoreload 2` +{with_theirs - plain:.2f} ms, bare cell {plain:.1f} ms",
        "bar: +2 ms",
        cost <= 2,
    )


def loading() -> Row:
    """``%load_ext nbflow`` in a fresh kernel."""
    code = (
        "import time\nbegun = time.perf_counter()\nget_ipython().run_line_magic('load_ext', {!r})\n"
        "(time.perf_counter() - begun) * 1000"
    )
    taken: dict[str, list[float]] = {"nbflow": [], "autoreload": []}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(5):
            for extension, times in taken.items():
                running = Kernel(Path(name))
                times.append(float(running.run(code.format(extension)).rest[0]))
                running.close()
    ours, theirs = (statistics.median(times) for times in taken.values())
    beside = f"autoreload {theirs:.0f} ms"
    return Row("`%load_ext nbflow`", f"{ours:.0f} ms", beside, "bar: 150 ms", ours <= 150)


def _kernel(folder: Path, cells: list[str]) -> Kernel:
    running = Kernel(folder, "many.ipynb")
    for number, source in enumerate(cells, 1):
        assert running.run(source, f"cell-{number}").status == "ok"
    return running


def _one(running: Kernel) -> Callable[[], float]:
    def work() -> float:
        begun = time.perf_counter()
        running.run("x = 1", "cell-50")
        return time.perf_counter() - begun

    return work
