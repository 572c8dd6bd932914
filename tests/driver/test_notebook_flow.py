"""A flow and its runs from Python: values, errors with remedies, threads, nothing left behind."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import nbflow
from nbflow.driver import NotebookFlow, ProblemsError, RunEvent, TaskChanged
from nbflow.errors import FlowError, NbflowError
from nbflow.results import FlowRun
from nbflow.run.worker.observing import current
from nbflow.store.store import Store
from tests.notebooks import foreach, notebook, parameters, step, write

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    document = notebook(
        parameters("n: int = 3"),
        step("load", "xs = list(range(n))"),
        foreach("x in xs", "y = 2 * x"),
        step("total", "total = sum(y)\nprint(total)"),
        foreach("x in xs[:0]", "z = x"),
        step("bare", "1 + 1"),
    )
    return write(document, tmp_path / "small.ipynb")


@pytest.fixture
def flow(path: Path) -> Iterator[NotebookFlow]:
    with nbflow.load(path) as flow:
        yield flow


@pytest.fixture
def run(flow: NotebookFlow) -> FlowRun:
    return flow.run(executor="inline")


def test_a_store_that_somebody_deletes_is_made_anew(flow: NotebookFlow, run: FlowRun) -> None:
    assert run.status == "completed"
    shutil.rmtree(flow.root)
    assert flow.run(executor="inline")["total"].total == 6
    assert {step.verdict for step in flow.plan()} == {"reuse"}


def test_a_run_gives_the_values_of_its_steps(run: FlowRun) -> None:
    assert run.status == "completed"
    assert list(run) == ["load", "y", "total", "z", "bare"]
    assert run["total"].total == 6
    assert run["y"].y == [0, 2, 4]
    assert [split.y for split in run["y"]] == [0, 2, 4]
    assert run["y"][1].y == 2
    assert run["z"].z == []
    assert "total" in dir(run["total"])


def test_everything_says_what_it_is(flow: NotebookFlow, run: FlowRun) -> None:
    assert repr(flow) == "<flow small: 5 steps>"
    assert repr(run).startswith(f"<run {run.id}: completed, 8 tasks, ")
    assert repr(run["total"]) == "<total: total: 6>"
    assert repr(run["y"]) == "<y: y: list[3]>"
    assert repr(run["y"][1]) == "<y[1]: y: 2>"
    assert repr(run["bare"]) == "<bare: no outputs>"
    assert repr(flow.plan()) == "<plan: 5 reuse>"
    assert repr(flow.plan(n=4)) == "<plan: 1 run, 3 unknown, 1 reuse>"


def test_a_value_is_loaded_when_it_is_looked_at_and_once(
    path: Path, run: FlowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    load = Store.load

    def counted(self: Store, *arguments: object, **options: object) -> object:
        loaded.append(str(arguments[0]))
        return load(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "load", counted)
    (found,) = nbflow.runs(path)
    step = found["load"]
    assert repr(step) == "<load: xs: list[3]>"
    assert dict(step.outputs).keys() == {"xs"}
    assert loaded == []
    assert step.xs is step.xs
    assert len(loaded) == 1
    assert found.id == run.id


@pytest.mark.parametrize(
    ("ask", "message", "remedy"),
    [
        (lambda f: f.run("totl"), "small.ipynb has no step `totl`", "Did you mean `total`?"),
        (lambda f: f.run("q"), "no step `q`", "Its steps: `load`, `y`, `total`, `z`, `bare`."),
        (lambda f: f.why("totl"), "no step `totl`", "Did you mean `total`?"),
        (lambda f: f.plan()["totl"], "the plan has no step `totl`", "Its steps: `load`, `y`,"),
        (lambda f: f.run(executor="inline")["q"], "the run has no step `q`", "Its steps: `load`"),
        (lambda f: f.run(m=1), "no parameter `m`", "Its parameters: `n`."),
        (lambda f: f.run(workers=0), "0 workers can run nothing", "Give 1 or more"),
        (lambda f: f.run(executor="dask"), "no executor `dask`", "There are `local` and `inline`."),
        (lambda f: nbflow.load(f.path.with_name("smal.ipynb")), "there is no notebook", "small"),
    ],
)
def test_what_is_not_there_is_an_error_with_a_remedy(
    flow: NotebookFlow, ask: Callable[[NotebookFlow], object], message: str, remedy: str
) -> None:
    with pytest.raises(NbflowError) as raised:
        ask(flow)
    assert message in raised.value.message
    assert remedy in raised.value.remedy


def test_a_value_or_a_split_that_is_not_there_is_told_with_those_that_are(run: FlowRun) -> None:
    with pytest.raises(AttributeError, match="step `total` gave no `q`; its outputs: `total`"):
        _ = run["total"].q
    with pytest.raises(IndexError, match="step `y` has no split 3; its splits: 0 to 2"):
        _ = run["y"][3]
    with pytest.raises(IndexError, match="step `load` has no split 0; it has none"):
        _ = run["load"][0]


def test_a_notebook_that_never_ran_has_no_runs_and_gets_no_store(path: Path) -> None:
    assert nbflow.runs(path) == []
    assert not (path.parent / ".nbflow").exists()


def test_two_flows_run_at_once_in_threads_of_one_process(flow: NotebookFlow, path: Path) -> None:
    found: list[object] = []
    with nbflow.load(path) as other:
        threads = [
            threading.Thread(target=lambda f=one, n=n: found.append(f.run(n=n)["total"].total))
            for one, n in ((flow, 4), (other, 5))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(found) == {12, 20}


def test_one_flow_is_not_run_twice_at_once(flow: NotebookFlow) -> None:
    refused: list[FlowError] = []

    def again(_: RunEvent) -> None:
        if not refused:
            with pytest.raises(FlowError, match=r"small\.ipynb is being run already") as raised:
                flow.run()
            refused.append(raised.value)

    assert flow.run(executor="inline", on_event=again).status == "completed"
    assert len(refused) == 1


def test_a_run_is_cancelled_from_another_thread_and_the_next_is_not(tmp_path: Path) -> None:
    endless = step("endless", "import time\ntime.sleep(600)")
    path = write(notebook(step("a", "a = 1"), endless), tmp_path / "long.ipynb")
    with nbflow.load(path) as flow:
        flow.cancel()  # nothing runs: nothing happens

        def cancel(event: RunEvent) -> None:
            if isinstance(event, TaskChanged) and event.run.status == "running":
                threading.Thread(target=flow.cancel).start()

        assert flow.run(on_event=cancel).status == "cancelled"
        flow.cancel()
        assert flow.run("a").status == "completed"


def test_a_run_that_is_broken_off_leaves_no_worker_and_the_flow_as_it_was(
    flow: NotebookFlow, path: Path
) -> None:
    def breaking(event: RunEvent) -> None:
        if isinstance(event, TaskChanged) and event.run.status == "running":
            raise RuntimeError("of the listener")

    with pytest.raises(RuntimeError, match="of the listener"):
        flow.run(on_event=breaking)
    assert nbflow.runs(path)[-1].status == "interrupted"
    assert flow.run()["total"].total == 6


def test_a_closed_flow_can_be_run_again_and_its_values_be_loaded(flow: NotebookFlow) -> None:
    run = flow.run()
    flow.close()
    assert run["total"].total == 6
    assert flow.run(cache=False).status == "completed"


def test_a_flow_that_nobody_holds_ends_its_processes(path: Path) -> None:
    before = set(zygotes(os.getpid()))  # of other tests in this process
    flow = nbflow.load(path)
    flow.run()
    (own,) = set(zygotes(os.getpid())) - before
    del flow
    gc.collect()
    assert own not in zygotes(os.getpid())


def test_a_process_that_ends_without_closing_leaves_none_behind(path: Path) -> None:
    program = f"""
import json, os, nbflow
from tests.driver.test_notebook_flow import zygotes
flow = nbflow.load({str(path)!r})
flow.run()
print(json.dumps(zygotes(os.getpid())))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    (pid,) = json.loads(done.stdout)
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def zygotes(parent: int) -> list[int]:
    """The zygotes that a process has started."""
    command = ["ps", "-axww", "-o", "ppid=,pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    return [int(pid) for owner, pid, what in rows if int(owner) == parent and "zygote" in what]


def test_a_variable_that_is_set_between_two_runs_is_seen_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = (
        step("reads", "import os\na = os.environ['NBF_A']"),
        step("other", "b = 1"),
        step("here", "import os\nc = os.environ['NBF_A']"),
    )
    path = write(notebook(*cells), tmp_path / "nb.ipynb")
    with nbflow.load(path) as flow:
        for value in ("one", "two"):
            monkeypatch.setenv("NBF_A", value)
            assert flow.why("reads").verdict == "run"
            run = flow.run(here=["here"])
            assert run["reads"].a == run["here"].c == value
            again = flow.run(here=["here"])
            assert {task.status for task in again.tasks} == {"cached"}
        assert {t.step: t.status for t in run.tasks}["other"] == "cached"


def test_another_version_of_a_package_concerns_the_steps_that_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = (
        "import numpy as np",
        "import sklearn",
        step("arrays", "a = np.arange(3)"),
        step("given", "total = int(a.sum())"),
        step("learns", "v = sklearn.__version__"),
        step("nothing", "b = 1"),
    )
    path = write(notebook(*cells), tmp_path / "nb.ipynb")
    with nbflow.load(path) as flow:
        flow.run()
        for package, concerned in (("numpy", {"arrays", "given", "learns"}), ("dill", set())):
            version_of = current.version_of

            def version(name: str, new: str = package, old: Any = version_of) -> str:
                return "0" if name == new else str(old(name))

            with monkeypatch.context() as patched:
                patched.setattr(current, "version_of", version)
                plan = flow.plan()
            found = {each.step for each in plan.steps if each.verdict != "reuse"}
            assert found == concerned
            reasons = {reason.kind for each in plan.steps for reason in each.reasons}
            assert reasons <= {"package"}


def test_a_mark_that_cannot_be_read_stops_those_who_may_read_what_its_cell_gives(
    tmp_path: Path,
) -> None:
    document = notebook(
        step("load", "xs = [1]\nys = []"),
        "%%foreach x in\nys = x",
        step("other", "zs = xs"),
        step("last", "last = ys"),
        "def used():\n    return ys",
        step("through", "got = used()"),
    )
    with nbflow.load(write(document, tmp_path / "nb.ipynb")) as flow:
        for name in ("load", "other"):
            assert flow.run(name, executor="inline").status == "completed"
        for steps in (("last",), ()):
            with pytest.raises(ProblemsError) as refused:
                flow.run(*steps, executor="inline")
            assert "bad-clause" in [each.code for each in refused.value.problems]
        with pytest.raises(ProblemsError, match="`ys`, read by `used`, is bound"):
            flow.run("through", executor="inline")


@pytest.mark.parametrize(
    "body", ["open('f', 'w').write('1')", "import random\nrandom.seed(1)", "exec(open('f').read())"]
)
def test_a_mark_that_cannot_be_read_stops_all_below_where_its_cell_may_leave_more_than_names(
    tmp_path: Path, body: str
) -> None:
    document = notebook(f"%%foreach x in\n{body}", step("last", "last = 1"))
    with (
        nbflow.load(write(document, tmp_path / "nb.ipynb")) as flow,
        pytest.raises(ProblemsError),
    ):
        flow.run("last", executor="inline")


def test_of_two_steps_with_one_name_the_first_can_run(tmp_path: Path) -> None:
    document = notebook(step("load", "xs = [1]"), step("load", "ys = [2]"))
    with nbflow.load(write(document, tmp_path / "nb.ipynb")) as flow:
        assert flow.run("load", executor="inline")["load"].xs == [1]
        with pytest.raises(ProblemsError, match="a problem"):
            flow.run(executor="inline")


def test_who_goes_to_the_root_of_all_folders_is_current_afterwards(tmp_path: Path) -> None:
    source = "import os\nos.chdir('/')\nfound = os.path.exists('/')"
    with nbflow.load(write(notebook(step("go", source)), tmp_path / "n.ipynb")) as flow:
        assert flow.run().status == "completed"
        assert [task.status for task in flow.run().tasks] == ["cached"]


def test_what_failed_is_to_be_mended_before_it_is_exported(tmp_path: Path) -> None:
    with nbflow.load(write(notebook(step("a", "a = 1 / 0")), tmp_path / "n.ipynb")) as flow:
        flow.run(executor="inline")
        with pytest.raises(FlowError, match="failed when it was last run") as refused:
            flow.export("script", tmp_path / "out")
        assert refused.value.remedy.startswith("Mend it, and run it: `nbflow run ")
