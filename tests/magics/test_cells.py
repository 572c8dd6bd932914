"""Marked cells in a running kernel: brought up to date, shown in order, bound as variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.magics.kernels import Kernel, kernel, run_all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for the tests that only add cells."""
    with kernel(tmp_path_factory.mktemp("kernel")) as running:
        yield running


SPELLINGS = [
    ("%%step by_magic\nmagic_out = 1\nprint('ran')", {}, "by_magic", "magic_out"),
    ("#| step: by_comment\ncomment_out = 1\nprint('ran')", {}, "by_comment", "comment_out"),
    ("tag_out = 1\nprint('ran')", {"tags": ["step:by_tag"]}, "by_tag", "tag_out"),
    (
        "metadata_out = 1\nprint('ran')",
        {"nbflow": {"step": "by_metadata"}},
        "by_metadata",
        "metadata_out",
    ),
]


@pytest.mark.parametrize(("source", "metadata", "name", "output"), SPELLINGS)
def test_a_mark_makes_the_cell_a_step_however_it_is_spelled(
    shared: Kernel, source: str, metadata: dict[str, object], name: str, output: str
) -> None:
    shown = shared.run(source, f"cell-{name}", metadata)
    assert shown.status == "ok"
    assert shown.headline.startswith(f"✔ {name}: out {output} (1) · ")
    assert shown.rest == ["ran\n"]
    assert shared.run(output).rest == ["1"]
    again = shared.run(source, f"cell-{name}", metadata)
    assert "cached" in again.headline
    assert again.rest == ["ran\n"]


def test_what_stands_around_a_magic_makes_no_difference(shared: Kernel) -> None:
    mark = "# first a remark\n\n%%step around --env A=$HOME  # note\n"
    source = f"{mark}import os\naround = os.environ['A']"
    assert shared.run(source, "around").status == "ok"
    assert shared.run("around", "look").rest == ["'$HOME'"]
    continued = "%%step continued \\\n  --seed 3\ncontinued = 4"
    assert shared.run(continued, "continued").status == "ok"
    assert shared.run("continued", "look").rest == ["4"]


def test_the_outputs_of_splits_come_in_order(shared: Kernel) -> None:
    source = (
        "%%foreach wait in [0.3, 0.01, 0.02, 0.0]\nimport time\ntime.sleep(wait)\n"
        "print('waited', wait)\nwaited = wait"
    )
    told = ["waited 0.3\nwaited 0.01\nwaited 0.02\nwaited 0.0\n"]
    assert shared.run(source, "order").rest == told
    again = shared.run(source, "order")
    assert again.rest == told
    assert "waited ×4" in again.headline
    assert "cached" in again.headline


def test_displays_updates_and_clearings_show_as_in_a_kernel(shared: Kernel) -> None:
    source = """
from IPython.display import clear_output, display, HTML
print("gone")
clear_output(wait=True)
print("kept")
handle = display(1, display_id=True)
handle.update(2)
display(HTML("<b>bold</b>"))
shown = "value"
shown
"""
    live = shared.run(f"%%step shows{source}", "shows")
    assert live.rest == ["kept\n", "2", "<IPython.core.display.HTML object>", "'value'"]
    kinds = [output["output_type"] for output in live.outputs]
    assert kinds == [
        "display_data", "stream", "display_data", "display_data", "execute_result"
    ]  # fmt: skip
    assert shared.run(f"%%step shows{source}", "shows").rest == live.rest
    # The number of a result is that of the cell, as in any kernel.
    count = live.outputs[-1]["execution_count"]
    assert isinstance(count, int)
    assert count > 0


def test_a_progress_bar_is_drawn_in_place(shared: Kernel) -> None:
    source = "%%step bar\nfrom tqdm.auto import tqdm\nbar = sum(tqdm(range(3), ncols=60))"
    shown = shared.run(source, "bar")
    assert shown.status == "ok"
    assert "3/3" in shown.text
    assert shared.run("bar", "look").rest == ["3"]


def test_stale_steps_above_run_first_and_that_is_said(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        run_all(
            running,
            [
                ("p", "%%parameters\nn: int = 3"),
                ("a", "%%step load\ndata = list(range(n))\nprint('loading')"),
                ("b", "%%step train\nmodel = sum(data)"),
            ],
        )
        edited = running.run("%%parameters\nn: int = 5", "p")
        assert edited.status == "ok"
        shown = running.run("%%step train\nmodel = sum(data)", "b")
        assert shown.status == "ok"
        assert "needs `load`" in shown.headline
        assert "parameter `n` changed: 3 → 5" in shown.headline
        # What the other cell prints belongs to that cell.
        assert shown.rest == []
        # And the variables of both are bound.
        assert running.run("data, model", "look").rest == ["([0, 1, 2, 3, 4], 10)"]


def test_the_error_of_a_step_is_the_users_own(shared: Kernel) -> None:
    shown = shared.run("%%step fails\nprint('before')\nhalf = 1\nhalf / 0", "fails")
    assert shown.status == "error"
    assert shown.rest[0] == "before\n"
    assert shown.error.startswith("ZeroDivisionError: division by zero\n")
    assert "step fails, line 4" in shown.error
    assert "nbflow/" not in shown.error
    below = shared.run("%%step below\nbelow = half", "below")
    assert below.status == "error"
    assert "below was not run: fails, which it needs, failed in cell [" in below.error
    # Nothing that depends on it is bound, and the kernel goes on.
    assert "NameError" in shared.run("half", "look").error
    shared.run("%%step fails\nhalf = 1", "fails")
    shared.run("%%step below\nbelow = half", "below")


def test_a_problem_is_one_short_message_with_its_remedy(shared: Kernel) -> None:
    shown = shared.run("%%step wrong --bogus 3\nwrong = 1", "wrong")
    assert shown.status == "error"
    (only,) = shown.rest
    assert "there is no option `--bogus`" in only
    assert len(only.splitlines()) <= 6
    assert "Traceback" not in only
    shared.run("%%step wrong\nwrong = 1", "wrong")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("%%parameters\nn: int = len('abc')", "`n` is not simply set to a literal"),
        ("#| parameters\nn: int = 'x'", "parameter `n` takes an int"),
        ("%%setup --seed 1\nimport os", "`--seed` means nothing in a setup cell"),
        ("%%parameters\nn: int = 3", ""),
    ],
)
def test_a_cell_that_the_flow_cannot_take_says_so_and_runs(
    shared: Kernel, source: str, told: str
) -> None:
    shown = shared.run(source, "declared")
    shared.run("0", "declared")
    assert shown.status == "ok"
    assert told in shown.text
    assert len(shown.outputs) == bool(told)


def test_two_cells_of_one_name_are_an_error_that_names_the_other(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        assert running.run("%%step twice\nfirst = 1", "one").status == "ok"
        shown = running.run("%%step twice\nsecond = 2", "two")
        assert shown.status == "error"
        assert "`twice`" in shown.text
        assert "cell [2]" in shown.text
        # Told that the other cell is gone, it is right.
        metadata = {"deletedCells": ["one"]}
        assert running.run("%%step twice\nsecond = 2", "two", metadata).status == "ok"


def test_an_edited_cell_replaces_its_step_and_renaming_keeps_the_cache(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step before\nvalue = 1\nprint('x')", "cell")
        renamed = running.run("%%step after\nvalue = 1\nprint('x')", "cell")
        assert renamed.headline.startswith("● after:")
        edited = running.run("%%step after\nvalue = 2", "cell")
        assert "its code changed" in edited.headline
        assert "1 of 1 steps fresh" in running.run("%flow", "look").text.replace("step ", "steps ")


def test_a_definition_is_picked_up_when_its_cell_is_executed(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("def f(x):\n    return x + 1", "def")
        running.run("%%step uses\nvalue = f(1)", "uses")
        running.run("def f(x):\n    return x + 2", "def")
        shown = running.run("%%step uses\nvalue = f(1)", "uses")
        assert "`f` changed" in shown.headline
        assert running.run("value", "look").rest == ["3"]


def test_data_of_an_ordinary_cell_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("table = [1, 2]; table.append(3)", "plain")
        shown = running.run("%%step reads\ntotal = sum(table)", "reads")
        assert shown.status == "error"
        assert "`table` is bound in the ordinary cell [2]" in shown.text
        assert "Make that cell a step" in shown.text


def test_large_results_are_loaded_when_a_cell_uses_them(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("def total():\n    return big.sum()", "def")
        running.run("%%step large\nimport numpy as np\nbig = np.ones(2_000_000)", "large")
        waiting = "[name for name in ('b' + 'ig',) if name in get_ipython().user_ns]"
        assert running.run(waiting, "look").rest == ["[]"]
        running.run("%%step mean\nmean = big.mean()", "mean")
        assert running.run(waiting, "look").rest == ["[]"]
        assert running.run("total()", "call").rest == ["np.float64(2000000.0)"]
        assert running.run(waiting, "look").rest == ["['big']"]
        # The store never changes, whatever is done to the array.
        running.run("big[:] = 0", "write")
        assert "cached" in running.run(
            "%%step large\nimport numpy as np\nbig = np.ones(2_000_000)", "large"
        ).headline  # fmt: skip
        assert running.run("big.sum()", "look").rest == ["np.float64(2000000.0)"]


def test_loading_the_extension_twice_changes_nothing(shared: Kernel) -> None:
    again = shared.run("%load_ext nbflow", "load-ext")
    assert again.text in (
        "",
        "The nbflow extension is already loaded. To reload it, use:\n  %reload_ext nbflow\n",
    )
    assert shared.run("%%step once\nprint('once')\nonce = 1", "once").rest == ["once\n"]
    reloaded = shared.run("%reload_ext nbflow", "load-ext")
    assert reloaded.status == "ok"
    shown = shared.run("%%step once\nprint('once')\nonce = 1", "once")
    assert shown.rest == ["once\n"]


def completions(running: Kernel, text: str) -> list[str]:
    """What Tab offers where the last bar stands."""
    before, _, after = text.rpartition("|")
    running.client.complete(before + after, len(before))
    while True:
        reply = running.client.get_shell_msg(timeout=30)
        if reply["msg_type"] == "complete_reply":
            matches: list[str] = reply["content"]["matches"]
            return matches


def test_tab_completes_marks_and_leaves_the_body_alone(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step load\ndata = [1]", "load")
        assert "--seed" in completions(running, "%%step train --se|\nx = 1")
        assert completions(running, "%%step train --after lo|\nx = 1") == ["load"]
        assert completions(running, "#| foreach: x in data\n#| on-error: st|") == ["stop"]
        assert "plan" in completions(running, "%flow pl|")
        assert completions(running, "%flow why l|") == ["load"]
        assert "append" in completions(running, "%%step train --seed 1\ndata = [1]\ndata.app|")
        assert "import" in completions(running, "%%step train\nimpor|")


def test_a_question_mark_behind_a_magic_shows_its_options(shared: Kernel) -> None:
    request = shared.start("%%step?", "help")
    pages: list[str] = []
    shown = shared.finish(request, pages=pages)
    assert shown.status == "ok"
    assert "--max-parallel" not in pages[0]
    assert "--seed N" in pages[0]
    assert "Example" in pages[0]


def test_a_widget_made_in_a_step_shows_its_text_and_names_the_way_out(shared: Kernel) -> None:
    source = (
        "import ipywidgets\nfrom IPython.display import display\ndisplay(ipywidgets.IntText(7))"
    )
    shown = shared.run(f"%%step widget\n{source}", "widget")
    assert shown.rest[0].startswith("IntText(value=7)\n(A widget needs the kernel: with `--here`")
    view = "application/vnd.jupyter.widget-view+json"
    assert all(view not in output.get("data", {}) for output in shown.outputs)
    here = shared.run(f"%%step widget --here\n{source}\nok = 1", "widget")
    assert any(view in output.get("data", {}) for output in here.outputs)


def test_the_form_shows_a_field_for_each_parameter(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        assert "the flow has no parameters" in running.run("%flow form", "form").text
        running.run("%%parameters\nn: int = 3\nname: str = 'x'", "parameters")
        shown = running.run("%flow form", "form")
        assert shown.status == "ok", shown.text
        assert any(
            "application/vnd.jupyter.widget-view+json" in output["data"] for output in shown.outputs
        )
