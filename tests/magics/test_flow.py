"""``%flow`` and its sub-commands: what they do; what they show is in ``test_flow_shows``."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from nbflow.cli import main
from nbflow.directives.help import flow_docstring
from nbflow.magics.commands import ELSEWHERE, flow, table
from nbflow.magics.refusal import in_a_cell
from tests.magics.kernels import Kernel, kernel, run_all

CELLS = [
    ("helper", "def grow(x):\n    return x + 1"),
    ("parameters", "%%parameters\nn: int = 3"),
    ("load", "%%step load\ndata = list(range(n))\nprint('loading', n)"),
    ("parts", "%%foreach x in data\npart = grow(x)\nprint('part', x)"),
    ("total", "%%step total\ntotal = sum(part)\ntotal"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("flow")) as one:
        assert all(each.status == "ok" for each in run_all(one, CELLS))
        yield one


def test_a_run_binds_what_its_steps_gave(running: Kernel) -> None:
    shown = running.run("%flow run -p n 2", "flow")
    assert len(shown.outputs) == 1
    assert running.run("total", "look").rest == ["3"]
    running.run("%flow run", "flow")
    assert running.run("total", "look").rest == ["6"]


def test_clear_makes_steps_run_again(running: Kernel) -> None:
    running.run("%flow clear total", "flow")
    running.run("%flow run", "flow")
    assert running.run("%flow clear total", "flow").rest == ["1 result forgotten."]
    assert "first run" in running.run("%flow plan", "flow").text
    running.run("%flow run", "flow")


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


def test_each_command_of_the_command_line_is_here_or_said_to_be_there() -> None:
    assert {*main.commands} - {*flow.commands} == {*ELSEWHERE}
    for name, takes in ELSEWHERE.items():
        context = click.Context(main.commands[name])
        needed = (p for p in context.command.params if p.required and isinstance(p, click.Argument))
        written = " ".join(each.make_metavar(context).rstrip(".") for each in needed)
        assert takes.partition(" --")[0] == written, name


@pytest.mark.parametrize("words", ["why -h", "why --help", "help why"])
def test_help_is_given_however_it_is_asked_for(running: Kernel, words: str) -> None:
    told = running.run(f"%flow {words}", "flow").text
    assert told.startswith("Usage: %flow why")
    assert "%flow help" not in running.run("%flow help", "flow").text
    assert "verify" in running.run("%flow help", "flow").text


def test_what_each_sub_command_does_is_told_in_full() -> None:
    told = flow.get_help(click.Context(flow, info_name="%flow", terminal_width=100))
    assert "..." not in told.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("proposed", "here"),
    [
        ("Run it: `nbflow run a.ipynb -p n 4`.", "Run it: `%flow run -p n 4`."),
        ("`nbflow why 'a b/c.ipynb' load` says more.", "`%flow why load` says more."),
        ("`nbflow runs` lists them.", "`%flow runs` lists them."),
        ("`nbflow rerun 2026` makes it again.", "`nbflow rerun 2026` makes it again."),
    ],
)
def test_a_notebook_is_proposed_what_can_be_typed_in_a_cell(proposed: str, here: str) -> None:
    assert in_a_cell(proposed) == here
