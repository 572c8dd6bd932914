"""What a step, a split, a plan and a hand-over cost, beside the plain script where there is one."""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbflow as package
from nbflow.analysis import analyse
from tests import notebooks
from tests.benchmarks.beside_metaflow import chain, squares
from tests.benchmarks.measure import ROOT, Row, Taken, alternate, command, fresh, nbflow

#: Integers of primes.ipynb that a plain script needs about 20 s for.
TWENTY_SECONDS = 4_400_000


def import_time() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        bare, ours = alternate(
            lambda: command(sys.executable, "-c", "pass", cwd=Path(folder)),
            lambda: command(sys.executable, "-c", "import nbflow", cwd=Path(folder)),
            repeats=15,
        )
    return at_most("`import nbflow`", (ours.seconds - bare.seconds) * 1000, 50, "ms")


def marginal_step() -> Row:
    short, long = alternate(
        fresh(lambda folder: nbflow(chain(22), folder)),
        fresh(lambda folder: nbflow(chain(222), folder)),
    )
    each = (long.seconds - short.seconds) / 200 * 1000
    return at_most("one more trivial step, isolated and recorded", each, 12, "ms")


def foreach10000() -> Row:
    few, many = alternate(
        fresh(lambda folder: nbflow(squares(200), folder)),
        fresh(lambda folder: nbflow(squares(10_000), folder)),
        repeats=1,
    )
    each = (many.seconds - few.seconds) / 9_800 * 1000
    row = at_most("one split of a foreach over 10,000 integers, 2 workers", each, 10, "ms")
    memory = f"peak {many.peak_bytes / 1e6:.0f} MB, of 200 splits {few.peak_bytes / 1e6:.0f} MB"
    return Row(row.work, row.ours, memory, row.bar, row.met)


def plan1000() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = notebooks.write(chain(1000), Path(folder) / "chain.ipynb")
        flow = package.load(path)
        assert flow.run(workers=2).status == "completed"
        flow.plan()
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            plan = flow.plan()
            seconds.append(time.perf_counter() - start)
        assert {each.verdict for each in plan.steps} == {"reuse"}
        flow.close()
    milliseconds = statistics.median(seconds) * 1000
    return at_most("plan of 1,000 cached steps, warm process", milliseconds, 100, "ms")


def analysis500() -> Row:
    """The cells of the examples over and over, each with a line that makes it another cell.

    In CPU time, unlike the rest: it is one thread that waits for nothing.
    """
    paths = sorted((ROOT / "binder").glob("*.ipynb"))
    cells = [cell for path in paths for cell in notebooks.plain(notebooks.read(path)).cells]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    seconds = []
    for turn in range(3):
        texts = [f"{code[n % len(code)]}\nturn_{turn} = {n}" for n in range(500)]
        start = time.process_time()
        for text in texts:
            analyse(text)
        seconds.append(time.process_time() - start)
    milliseconds = statistics.median(seconds) * 1000
    return at_most("analysis of a notebook of 500 cells, CPU time", milliseconds, 500, "ms")


def script() -> Row:
    """primes.ipynb against the same cells as a plain script, which one process works through."""
    path = ROOT / "binder" / "primes.ipynb"
    cells = notebooks.plain(notebooks.read(path)).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code")
    text = text.replace("%load_ext nbflow\n", "")
    text = text.replace("n: int = 200_000", f"n: int = {TWENTY_SECONDS}")

    def plain(folder: Path) -> Taken:
        (folder / "script.py").write_text(text)
        return command(sys.executable, "script.py", cwd=folder)

    parameters = ("-p", "cores", "2", "-p", "n", str(TWENTY_SECONDS))
    ours, theirs = alternate(
        fresh(lambda folder: nbflow(path, folder, *parameters)),
        fresh(plain),
        repeats=1,
    )
    ratio = ours.seconds / theirs.seconds
    return Row(
        f"`binder/primes.ipynb`, {TWENTY_SECONDS:,} integers, 2 cores",
        f"{ours.seconds:.1f} s",
        f"plain script {theirs.seconds:.1f} s",
        f"{ratio:.2f} of its time (bar: 0.6)",
        ratio <= 0.6,
    )


def store() -> Row:
    """How fast a large array is written, digest included; without what IPython and fork cost."""
    import numpy as np

    from nbflow.store.artifacts import Artifacts

    array = np.random.default_rng(0).random(50_000_000)
    seconds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            artifacts = Artifacts(Path(folder))
            start = time.perf_counter()
            artifacts.store(array, {})
            seconds.append(time.perf_counter() - start)
    speed = array.nbytes / 1e9 / statistics.median(seconds)
    return Row(
        "storing 400 MB of random floats, digest included",
        f"{speed:.2f} GB/s",
        "",
        "bar: 0.5 GB/s",
        speed >= 0.5,
    )


def reader() -> Row:
    """Peak memory of a step that reads a 400 MB array, beside the array's own size."""
    peak = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024"
    document = notebooks.notebook(
        "import resource\n\nimport numpy as np",
        notebooks.step("make", "data = np.random.default_rng(0).random(50_000_000)"),
        notebooks.step("read", f"total = data.sum()\npeak = {peak} / data.nbytes"),
    )
    with tempfile.TemporaryDirectory() as folder:
        flow = package.load(notebooks.write(document, Path(folder) / "array.ipynb"))
        ratio = flow.run(workers=2)["read"].peak
        flow.close()
    return Row(
        "memory of a step that reads a 400 MB array",
        f"{ratio:.2f} × the array",
        "",
        "bar: 1.3 ×",
        ratio < 1.3,
    )


def comparing() -> Row:
    """What a 400 MB input costs a step that only looks at it: verified before, compared after."""
    import numpy as np

    from nbflow.records.digest import of_bytes

    document = notebooks.notebook(
        "import numpy as np",
        notebooks.parameters("turn: int = 0"),
        notebooks.step(
            "make", "few, many = np.zeros(1), np.random.default_rng(0).random(50_000_000)"
        ),
        notebooks.step("small", "a = few[0] + turn"),
        notebooks.step("large", "b = many[0] + turn"),
    )
    array = np.random.default_rng(0).random(50_000_000)

    def hashing() -> Taken:
        start = time.perf_counter()
        of_bytes(array.data.cast("B"))
        return Taken(time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        flow = package.load(notebooks.write(document, Path(folder) / "array.ipynb"))
        assert flow.run(workers=1).status == "completed"

        turns = itertools.count(1)

        def running(step: str) -> Callable[[], Taken]:
            return lambda: Taken(flow.run(step, workers=1, turn=next(turns)).seconds)

        once, small, large = alternate(hashing, running("small"), running("large"), repeats=5)
        flow.close()
    ours = large.seconds - small.seconds
    return Row(
        "a 400 MB input, verified before and compared after a step",
        f"{ours:.2f} s",
        f"hashing it twice with one core {2 * once.seconds:.2f} s",
        f"{ours / (2 * once.seconds):.2f} of that (bar: 1)",
        ours <= 2 * once.seconds,
    )


def looking() -> Row:
    """What it costs to tell that a step has only read a large input, beside joblib's hash of it."""
    import joblib
    import pandas as pd

    from nbflow.run.worker.carrying.untouched import look

    texts = [f"the text of number {number}" for number in range(300_000)]
    value = texts, pd.DataFrame({"text": texts, "number": range(len(texts))})

    def ours() -> Taken:
        start = time.perf_counter()
        noted = look(value)
        assert noted is not None
        assert noted.holds()
        return Taken(time.perf_counter() - start)

    def theirs() -> Taken:
        start = time.perf_counter()
        joblib.hash(value)
        return Taken(time.perf_counter() - start)

    here, there = alternate(ours, theirs, repeats=5)
    return Row(
        "300,000 texts and a frame of them, found as they were after a step",
        f"{here.seconds * 1000:.0f} ms",
        f"`joblib.hash` of them {there.seconds * 1000:.0f} ms",
        f"{here.seconds / there.seconds:.2f} of that (bar: 1)",
        here.seconds <= there.seconds,
    )


def at_most(work: str, value: float, bar: float, unit: str) -> Row:
    return Row(work, f"{value:.1f} {unit}", "", f"bar: {bar} {unit}", value <= bar)
