"""``%flow`` and its sub-commands: what each shows, as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from nbflow.directives.help import flow_docstring
from nbflow.magics.commands import table
from tests.magics.kernels import Kernel, Shown, kernel, run_all, same_everywhere

CELLS = [
    ("helper", "def grow(x):\n    return x + 1"),
    ("parameters", "%%parameters\nn: int = 3"),
    ("load", "%%step load\ndata = list(range(n))\nprint('loading', n)"),
    ("parts", "%%foreach x in data\npart = grow(x)\nprint('part', x)"),
    ("total", "%%step total\ntotal = sum(part)\ntotal"),
]


def shows(shown: Shown, expected: str) -> None:
    """Compare what a cell shows with lines; it has HTML of the same words beside them."""
    told = [line.strip() for line in same_everywhere(shown.text).split("\n")]
    assert told == [line.strip() for line in expected.strip().split("\n")]
    for output in shown.outputs:
        if output["output_type"] == "display_data" and "text/html" in output["data"]:
            html = output["data"]["text/html"]
            assert "<script" not in html
            words = set(re.findall(r"[a-z]{4,}", output["data"]["text/plain"]))
            assert words <= set(re.findall(r"[a-z]{4,}", html)), html


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("flow")) as one:
        assert all(each.status == "ok" for each in run_all(one, CELLS))
        yield one


def test_alone_it_shows_the_status_of_every_step(running: Kernel) -> None:
    shows(
        running.run("%flow", "flow"),
        """
        ✔ load fresh in n · out data
        ✔ part ×3 fresh in data · out part
        ✔ total fresh in part · out total

        3 of 3 steps fresh
        """,
    )


def test_the_plan_says_what_would_run_and_why(running: Kernel) -> None:
    shows(
        running.run("%flow plan -p n 4", "flow"),
        """
        ▸ load run ~TIME parameter `n` changed: 3 → 4
        ? part perhaps ~TIME depends on what `load` will give
        ? total perhaps ~TIME depends on what `part` will give

        1 step to run, TIME; 2 perhaps, TIME
        """,
    )


def test_why_tells_the_reason_with_the_difference(running: Kernel) -> None:
    running.run("def grow(x):\n    return x + 2", "helper")
    try:
        shows(
            running.run("%flow why part", "flow"),
            """
            part would run, because
            `grow` changed
            def grow(x):
            - return x + 1
            + return x + 2
            """,
        )
    finally:
        running.run(CELLS[0][1], "helper")
    shows(
        running.run("%flow why part", "flow"),
        "part is fresh: nothing it depends on has changed.",
    )


def test_a_run_shows_one_table_that_ends_as_its_result(running: Kernel) -> None:
    shown = running.run("%flow run -p n 2", "flow")
    shows(
        shown,
        """
        ✔ load completed TIME parameter `n` changed: 3 → 2
        ✔ part ×2 completed TIME 2 of 2 cached
        ✔ total completed TIME input `part` changed: list[3] → list[2]

        notebook completed in TIME · 2 tasks ran, 2 cached
        run ID
        """,
    )
    assert len(shown.outputs) == 1
    assert running.run("total", "look").rest == ["3"]
    running.run("%flow run", "flow")
    assert running.run("total", "look").rest == ["6"]


def test_a_failed_run_ends_the_cell_with_the_users_error(running: Kernel) -> None:
    running.run("%flow config on_run register", "flow")
    running.run("%%step broken\nbroken = total / 0", "broken")
    running.run("%flow config on_run run", "flow")
    try:
        shown = running.run("%flow run", "flow")
        assert shown.status == "error"
        assert "✘ broken" in shown.text
        assert "broken failed in cell [" in shown.error
        assert "ZeroDivisionError" in shown.error
        assert "nbflow/" not in shown.text
    finally:
        running.run("0", "look", {"deletedCells": ["broken"]})


def test_the_preview_shows_to_the_letter_what_would_run(running: Kernel) -> None:
    shows(
        running.run("%flow preview part", "flow"),
        """
        ── definition, cell [2]
        def grow(x):
        return x + 1
        ── inputs
        data: from load
        ── for each
        x in data
        ── step part, cell [5]
        # %%foreach x in data
        part = grow(x)
        print('part', x)
        """,
    )


def test_logs_shows_once_more_what_a_step_put_out(running: Kernel) -> None:
    shows(running.run("%flow logs part", "flow"), "part 0\npart 1\npart 2")


def test_runs_lists_them(running: Kernel) -> None:
    running.run("%flow run", "flow")
    text = same_everywhere(running.run("%flow runs", "flow").text)
    assert "✔ ID MOMENT notebook TIME n=3" in text


def test_clear_makes_steps_run_again(running: Kernel) -> None:
    running.run("%flow clear total", "flow")
    running.run("%flow run", "flow")
    shows(running.run("%flow clear total", "flow"), "1 result forgotten.")
    assert "first run" in running.run("%flow plan", "flow").text
    running.run("%flow run", "flow")


def test_verify_runs_once_more_and_compares(running: Kernel) -> None:
    shows(
        running.run("%flow verify load part total", "flow"),
        """
        ✔ load same TIME
        ✔ part ×3 same TIME
        ✔ total same TIME

        3 steps gave the same
        """,
    )
    refused = running.run("%flow verify nothing", "flow")
    assert (refused.status, "has no step `nothing`" in refused.text) == ("error", True)


def test_accept_keeps_a_stale_result_and_says_why(running: Kernel) -> None:
    running.run("%%step total\ntotal = sum(part)\ntotal", "total")
    refused = running.run("%flow accept total -m 'no change'", "flow")
    assert "is fresh: there is nothing to accept" in refused.text
    running.run("%flow config on_run register", "flow")
    running.run("%%step total\ntotal = sum(list(part))\ntotal", "total")
    running.run("%flow config on_run run", "flow")
    shows(
        running.run("%flow accept total -m 'the same sum'", "flow"),
        "1 result of total accepted: the same sum",
    )
    assert "accepted: the same sum" in running.run("%flow why total", "flow").text
    assert "accepted: the same sum" in running.run("%flow", "flow").text
    running.run("%%step total\ntotal = sum(part)\ntotal", "total")


def test_config_shows_and_sets(running: Kernel) -> None:
    shows(
        running.run("%flow config", "flow"),
        """
        on_run = run: executing a step's cell brings the step up to date
        frames = hide: errors show the user's own code
        """,
    )


def test_a_switch_shows_our_own_frames(running: Kernel) -> None:
    hidden = running.run("%flow why nobody", "flow")
    running.run("%flow config frames show", "flow")
    try:
        shown = running.run("%flow why nobody", "flow")
    finally:
        running.run("%flow config frames hide", "flow")
    assert hidden.text in shown.text
    assert "nbflow/magics/flow.py" in shown.text
    assert "nbflow/magics" not in hidden.text


def test_cancel_without_a_run_says_so(running: Kernel) -> None:
    shows(running.run("%flow cancel", "flow"), "No run is in progress.")


def test_registering_only_tells_the_flow(running: Kernel) -> None:
    running.run("%flow config on_run register", "flow")
    try:
        shows(running.run(CELLS[-1][1], "total"), "`total` is registered.")
    finally:
        running.run("%flow config on_run run", "flow")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%flow nonsense", "No such command 'nonsense'"),
        ("%flow why", "Missing argument 'STEP'"),
        ("%flow why lod", "Did you mean `load`?"),
        ("%flow run nobody", "has no step `nobody`"),
        ("%flow run -p m 3", "no parameter `m`"),
        ("%flow run -p n three", "`n`"),
        ("%flow run --workers 0", "--workers"),
        ("%flow config on_run sometimes", "`run` or `register`"),
        ("%flow config on_run", "none is given"),
        ("%flow config color red", "there is no setting `color`"),
        ("%flow logs 'open", "cannot be read"),
        ("%flow preview lod", "has no step `lod`"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_few_lines(
    running: Kernel, line: str, expected: str
) -> None:
    shown = running.run(line, "flow")
    assert shown.status == "error"
    assert expected in shown.text
    assert "Traceback" not in shown.text
    assert len(shown.text.splitlines()) <= 6


def test_the_graph_is_a_widget_with_a_picture_beside_it(running: Kernel) -> None:
    shown = running.run("%flow graph", "flow")
    data = next(o["data"] for o in shown.outputs if o["output_type"] == "display_data")
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<svg" in data["image/svg+xml"]
    assert "part" in data["text/plain"]


def test_a_question_mark_shows_every_command(running: Kernel) -> None:
    pages: list[str] = []
    shown = running.finish(running.start("%flow?", "help"), pages=pages)
    assert shown.status == "ok"
    told = [line.strip() for line in pages[0].splitlines()]
    for line in flow_docstring(table()).splitlines():
        assert line.strip() in told
