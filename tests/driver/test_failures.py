"""A step that failed when it was last tried says so, until it has completed."""

from __future__ import annotations

from pathlib import Path

import nbflow
from nbflow.driver import NotebookFlow
from nbflow.views import plan as view
from tests.notebooks import foreach, notebook, step, write


def told(flow: NotebookFlow) -> dict[str, tuple[str, str]]:
    return {each.step: (view.state(each), view.story(each)) for each in flow.plan()}


def test_what_failed_last_time_says_so_until_it_has_completed(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = [
        step("good", "good = 0"),
        step("bad", "bad = 1 / good"),
        foreach("x in [0, 1, 2]", "y = 1 / (x - 1)"),
        step("below", "below = bad"),
    ]
    with nbflow.load(write(notebook(*cells), path)) as flow:
        assert told(flow)["bad"] == ("new", "first run")
        assert flow.run(executor="inline").status == "failed"
        failed = "failed last time: ZeroDivisionError: division by zero"
        assert told(flow) == {
            "good": ("fresh", ""),
            "bad": ("failed", failed),
            "y": ("failed", f"1 of 3 reused · {failed}"),
            "below": ("new", "first run"),
        }
        assert [each.verdict for each in flow.plan()] == ["reuse", "run", "run", "run"]

    cells[0] = step("good", "good = 1")
    with nbflow.load(write(notebook(*cells), path)) as flow:
        assert told(flow)["bad"] == ("failed", failed)  # whatever `good` will give
        flow.run("bad", executor="inline")
        assert told(flow)["bad"] == ("fresh", "")
        assert told(flow)["y"] == ("failed", f"1 of 3 reused · {failed}")

    cells[2] = foreach("x in [0, 1, 2]", "y = 2 / (x - 1)")
    with nbflow.load(write(notebook(*cells), path)) as flow:
        assert told(flow)["y"][0] == "stale"  # what failed is not what would run now

    cells[1] = step("bad", "bad = 2 / good")
    with nbflow.load(write(notebook(*cells), path)) as flow:
        assert told(flow)["bad"] == ("stale", "its code changed")


def test_what_failed_has_failed_however_many_other_steps_were_run_since(tmp_path: Path) -> None:
    document = notebook(step("bad", "bad = 1 / 0"), step("good", "good = 1"))
    with nbflow.load(write(document, tmp_path / "a.ipynb")) as flow:
        flow.run("bad", executor="inline")
        for _ in range(6):
            flow.run("good", executor="inline")
        assert told(flow)["bad"][0] == "failed"
