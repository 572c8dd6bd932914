"""``python -m tests.benchmarks [--readme] [NAME…]``: measure, and write the table in Markdown."""

from __future__ import annotations

import datetime
import os
import platform
import sys
import traceback
from collections.abc import Callable

from tests.benchmarks import (
    alone,
    beside_metaflow,
    in_kernel,
    in_lab,
    in_panel,
    observing,
    pages,
    past,
)
from tests.benchmarks.measure import ROOT, Row

BENCHMARKS: dict[str, Callable[[], Row]] = {
    "chain22": beside_metaflow.chain22,
    "foreach200": beside_metaflow.foreach200,
    "rerun": beside_metaflow.rerun,
    "primes": beside_metaflow.primes,
    "handoff": beside_metaflow.handoff,
    "script": alone.script,
    "step": alone.marginal_step,
    "foreach10000": alone.foreach10000,
    "plan1000": alone.plan1000,
    "analysis500": alone.analysis500,
    "store": alone.store,
    "reader": alone.reader,
    "comparing": alone.comparing,
    "looking": alone.looking,
    "reading": observing.reading,
    "checking": observing.checking,
    "runs10000": past.runs10000,
    "growth": past.growth,
    "import": alone.import_time,
    "load_ext": in_kernel.loading,
    "hooks": in_kernel.hooks,
    "draw": in_panel.drawing,
    "pan": in_panel.moving,
    "change": in_panel.change,
    "status": in_lab.status,
    "opening": in_lab.opening,
    "bundle": in_panel.bundle,
}


def main(words: list[str]) -> int:
    names = [word for word in words if word != "--readme"] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
        return 2
    rows = []
    for name in names:
        print(f"{name} …", end=" ", file=sys.stderr, flush=True)
        try:
            rows.append(row := BENCHMARKS[name]())
        except Exception:
            # Nor shall a quarter of an hour of the others be lost.
            traceback.print_exc()
        else:
            print(f"{row.ours} {row.beside} {row.bar}", file=sys.stderr)
    text = table(rows)
    print(text)
    whole = len(rows) == len(names)
    if "--readme" in words and whole:
        pages.put(ROOT / "README.md", "benchmarks", text)
    return 0 if whole and all(row.met for row in rows) else 1


def table(rows: list[Row]) -> str:
    lines = ["| work | nbflow | beside it | | met |", "|---|---|---|---|---|"]
    for row in rows:
        met = "yes" if row.met else "no"
        lines.append(f"| {row.work} | {row.ours} | {row.beside} | {row.bar} | {met} |")
    machine = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    moment = f"{datetime.date.today()}, load average {os.getloadavg()[2]:.1f}"
    how = "Medians of 3 or more; what takes a minute, once."
    return "\n".join([*lines, "", f"{machine}, {moment}. {how}", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
