"""Law 1 on a folder of real notebooks: ``python -m tests.laws FOLDER``."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import multiprocessing
import statistics
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.laws.real import Outcome, Seen, as_flow, as_json, plainly


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.laws", description=__doc__)
    parser.add_argument("folder", type=Path, help="searched for notebooks, folders below included")
    parser.add_argument("--seconds", type=float, default=60, help="time limit of a cell")
    parser.add_argument("--limit", type=float, default=300, help="time limit of a whole flow")
    parser.add_argument(
        "--workers", type=int, nargs="+", default=[4, 1], help="how many: one flow for each"
    )
    parser.add_argument("--plain", type=Path, help="folder that keeps what plain runs showed")
    parser.add_argument("--details", type=Path, help="file for everything that was found, as JSON")
    parser.add_argument("--only", default="", help="part of the paths of the notebooks to run")
    parser.add_argument("--lines", type=int, default=3, help="lines to tell of each notebook")
    options = parser.parse_args()
    paths = [p for p in sorted(options.folder.rglob("*.ipynb")) if options.only in str(p)]
    outcomes: dict[str, Outcome] = {}
    for path in paths:
        name = str(path.relative_to(options.folder))
        begun = time.monotonic()
        outcome = one(path, options)
        outcomes[name] = outcome
        again = f"  [{len(outcome.again)} not cached]" if outcome.again else ""
        causes = ", ".join(outcome.causes)
        took = " → ".join(f"{seconds:.1f}" for seconds in outcome.seconds)
        told = f"{name}  {causes}{again}  {took}"
        print(f"{outcome.kind:10} {time.monotonic() - begun:5.0f} s  {told}", flush=True)
        for line in outcome.details[: options.lines] if outcome.kind != "equal" else ():
            print(f"               {line[:300]}", flush=True)
    print()
    print(table(outcomes))
    if options.details:
        options.details.write_text(
            "\n".join(json.dumps({"notebook": n, **vars(o)}) for n, o in outcomes.items())
        )


def one(path: Path, options: argparse.Namespace) -> Outcome:
    """What becomes of one notebook; each part runs in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="nbflow-laws-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        places = (folder / f"plain-{number}" / "here" for number in itertools.count())
        kept = None
        if options.plain:
            options.plain.mkdir(parents=True, exist_ok=True)
            kept = options.plain / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}.json"
        if kept and kept.exists():
            seen = Seen(**json.loads(kept.read_text()))
        else:
            seen = plainly(path, lambda: next(places), options.seconds)
        if len(seen.cells) < 3:
            return Outcome("not plain", seen.raised[:1])
        outcome = _as_flow(path, seen, folder / "flow", options)
        if outcome.kind == "differs":
            # Two runs may agree by chance: a tree that nobody seeds has few leaves.
            seen = seen.agreeing(plainly(path, lambda: next(places), options.seconds))
            outcome = _as_flow(path, seen, folder / "again", options)
        if kept:
            kept.write_text(as_json(seen))
        return outcome


def _as_flow(path: Path, seen: Seen, folder: Path, options: argparse.Namespace) -> Outcome:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        task = pool.submit(as_flow, path, seen, folder, options.workers)
        try:
            return task.result(options.limit * len(options.workers))
        except TimeoutError:
            for process in list(pool._processes.values()):
                process.kill()
            return Outcome("crash", ("timeout",))
        except BrokenProcessPool as error:
            return Outcome("crash", ("killed",), (str(error),))
        except Exception as error:  # whatever is ours to mend, and the next notebook waits
            lines = traceback.format_exception(error)
            return Outcome("crash", (type(error).__name__,), (str(error), "".join(lines)))


def table(outcomes: dict[str, Outcome]) -> str:
    """Counts by what became of the notebooks, and by cause."""
    kinds = Counter(outcome.kind for outcome in outcomes.values())
    causes = Counter((o.kind, cause) for o in outcomes.values() for cause in o.causes)
    ran = sum(kinds.values()) - kinds["not plain"]
    lines = [f"{ran} of {len(outcomes)} notebooks run plainly; as flows:"]
    for kind, count in kinds.most_common():
        lines.append(f"{count:5}  {kind}")
        lines += [f"{n:12}  {cause}" for (k, cause), n in causes.most_common() if k == kind]
    timed = [outcome.seconds for outcome in outcomes.values() if any(outcome.seconds[:1])]
    for what, at in (("first run", 1), ("cached", 2)) if timed else ():
        ratio = statistics.median(each[at] / each[0] for each in timed)
        total, plain = (sum(each[n] for each in timed) for n in (at, 0))
        lines.append(f"{what}: {ratio:.2f} of the plain run (median); {total:.0f} s, {plain:.0f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
