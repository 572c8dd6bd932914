"""The panel in JupyterLab: what the user of a flow sees, and does."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.browser.conftest import opened
from tests.browser.notebook import Notebook, expect
from tests.browser.panel import FlowPage
from tests.browser.test_flow import CELLS

PRIMES = CELLS[:6]
#: Where the pipes lie at which steps wait: what a step reads from a device is nobody's business.
GATE = f"/dev/shm/nbflow-{os.getpid()}-gate-"
#: Two splits at once, each as long as the test wants it to be.
GATED = (
    "%load_ext nbflow",
    f"%%foreach part in range(4)\nopen('{GATE}' + str(part)).read(1)\nparts = part",
    "%%step total\ntotal = sum(parts)",
)


@pytest.fixture(scope="module")
def one(lasting: Notebook) -> FlowPage:
    flow = FlowPage(lasting)
    flow.open(*PRIMES)
    return flow


@pytest.fixture
def flow(one: FlowPage) -> Iterator[FlowPage]:
    """The panel of a notebook that nobody has in his hands; each test puts in its own cells."""
    yield one
    one.command("nbflow:cancel")
    one.page.mouse.move(0, 0)


@pytest.fixture
def gates() -> Iterator[Sequence[int]]:
    """A pipe for each split of ``GATED``: it ends when something is written there."""
    pipes = []
    for number in range(4):
        os.mkfifo(f"{GATE}{number}")
        pipes.append(os.open(f"{GATE}{number}", os.O_RDWR))
    yield pipes
    for number, pipe in enumerate(pipes):
        os.close(pipe)
        Path(f"{GATE}{number}").unlink()


def test_the_flow_shows_before_anything_has_run(flow: FlowPage) -> None:
    flow.expect_words(load="new", primes="new", odds="new", report="new")
    flow.expect_link("not loaded")
    expect(flow.page.locator(".jp-Cell .nbflow-badge")).to_have_text(["new"] * 4)
    assert not (flow.notebook.folder / ".nbflow").exists()
    flow.picture("before")


def test_a_notebook_without_steps_says_how_to_make_one(flow: FlowPage) -> None:
    flow.cells("one = 1")
    empty = flow.find(".nbflow-empty")
    expect(empty).to_contain_text("%%step load")
    expect(flow.find(".nbflow-problem")).to_have_count(0)
    flow.picture("empty")
    empty.get_by_role("button").click()
    flow.page.locator(".jp-Dialog input").press("Enter")
    flow.expect_words(one="new")
    flow.expect_source(0, "%%step\none = 1")


def test_the_flow_follows_what_is_typed(flow: FlowPage) -> None:
    flow.cells("%%step one\none = 1", "%%step two\ntwo = one", "%%step last\nlast = two")
    flow.expect_words(one="new", two="new", last="new")
    begun = time.monotonic()
    flow.edit(1, "%%step two\ntwo = on")
    flow.expect_words(two="blocked")
    expect(flow.node("two").locator(".detail")).to_contain_text("`on`")
    print(f"typed to drawn: {time.monotonic() - begun:.2f} s")
    problem = flow.find(".nbflow-problem")
    expect(problem).to_contain_text("`on`")
    expect(problem.locator(".nbflow-remedy")).not_to_be_empty()
    flow.picture("problem")
    problem.click()
    assert flow.active() == 1
    flow.edit(1, "%%step two\ntwo = one")
    expect(problem).to_have_count(0)
    flow.expect_words(two="new")


def test_the_panel_runs_the_flow_and_follows_it(flow: FlowPage) -> None:
    flow.cells(*PRIMES)
    flow.expect_words(report="new")
    flow.find("jp-button:not([disabled])").get_by_text("Run", exact=True).click()
    flow.expect_words(load="fresh", primes="fresh", odds="fresh", report="fresh")
    flow.expect_link("live")
    expect(flow.find(".summary")).to_have_text("4 steps · 4 fresh")
    expect(flow.page.locator(".jp-Cell .nbflow-badge")).to_have_text(["fresh"] * 4)
    flow.node("primes").hover()
    expect(flow.find(".about")).to_contain_text("list[")
    flow.picture("fresh")


def test_a_changed_cell_makes_stale_what_reads_it(flow: FlowPage) -> None:
    flow.cells("%%step base\nbase = 1", "%%step upper\nupper = base", "%%step apart\napart = 2")
    flow.expect_words(base="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(base="fresh", upper="fresh", apart="fresh")
    flow.edit(0, "%%step base\nbase = 10")
    flow.expect_words(base="stale", upper="unknown", apart="fresh")
    flow.node("base").hover()
    about = flow.find(".about")
    expect(about.locator("pre .minus")).to_have_text("-base = 1\n")
    expect(about.locator("pre .plus")).to_have_text("+base = 10\n")
    flow.picture("difference")
    flow.node("apart").hover()
    expect(about.locator("dl")).to_have_text("givesapart2")
    flow.node("base").click()
    expect(flow.find(".nbflow-details-body")).to_contain_text("its code changed")
    flow.picture("stale")
    flow.find(".nbflow-details .nbflow-close").click()


def test_a_foreach_shows_how_far_it_is_and_is_cancelled_while_a_cell_blocks(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells(*GATED)
    flow.execute("%load_ext nbflow")
    flow.expect_words(parts="new")
    flow.run_cell(2)
    flow.expect_words(parts="running")
    os.write(gates[0], b".")
    expect(flow.node("parts").locator(".ring.part")).to_have_attribute("stroke-dasharray", "25 100")
    expect(flow.node("parts").locator(".count")).to_have_text("1 of 4")
    expect(flow.page.locator(".nbflow-badge.running")).to_have_text("25 %")
    flow.expect_link("running")
    flow.picture("running")
    begun = time.monotonic()
    flow.command("nbflow:cancel")
    flow.expect_link("live")
    print(f"cancel to screen: {time.monotonic() - begun:.2f} s")
    flow.idle()


def test_a_step_that_runs_says_for_how_long_and_how_long_it_took_before(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells("%load_ext nbflow", f"%%step slow\nopen('{GATE}0').read(1)\nslow = 1")
    flow.expect_words(slow="new")
    flow.command("nbflow:run-flow")
    line = flow.node("slow").locator(".detail")
    expect(line).to_have_text(re.compile(r"running · \d+ s"))
    # It goes on by itself; the step's own time does not count how long its worker took to start.
    expect(line).to_have_text(re.compile(r"running · ([3-9]|\d\d) s"))
    os.write(gates[0], b".")
    expect(line).to_have_text(re.compile(r"fresh · \d+(\.\d\d)? s"))
    flow.edit(1, f"%%step slow\nopen('{GATE}0').read(1)\nslow = 2")
    flow.expect_words(slow="stale")
    flow.command("nbflow:run-flow")
    expect(line).to_have_text(re.compile(r"running · \d+ s of about \d+ s"))
    flow.node("slow").hover()
    expect(flow.find(".about .clock")).to_have_text(re.compile(r"\d+ s of about \d+ s"))
    flow.picture("clock")
    os.write(gates[0], b".")
    flow.expect_words(slow="fresh")


def test_what_is_typed_while_a_run_goes_on_is_drawn_beside_what_runs(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells(
        "%load_ext nbflow",
        f"%%step early\nopen('{GATE}0').read(1)\nearly = 1",
        f"%%step other\nopen('{GATE}1').read(1)\nother = 1",
        "%%step last\nlast = early + other",
    )
    flow.expect_words(last="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(early="running", other="running", last="queued")
    begun = time.monotonic()
    flow.edit(1, f"%%step early\nopen('{GATE}0').read(1)\nearly = 10")
    line = flow.node("early").locator(".detail")
    expect(line).to_have_text(re.compile(r"^running · older text"))
    print(f"typed to drawn in a run: {time.monotonic() - begun:.2f} s")
    expect(flow.node("last").locator(".detail")).to_have_text("queued · older input")
    flow.edit(2, f"%%step third\nopen('{GATE}1').read(1)\nother = 1")
    flow.expect_words(early="running", third="running", last="queued")
    flow.edit(3, "%%step last\nlast = early + othr")
    expect(flow.find(".nbflow-problem")).to_contain_text("Did you mean `other`?")
    flow.node("early").hover()
    expect(flow.find(".about")).to_contain_text("since the run began: its code changed")
    expect(flow.find(".about pre .plus")).to_have_text("+early = 10\n")
    flow.picture("edited-while-running")
    flow.edit(3, "%%step last\nlast = early + other")
    os.write(gates[0], b".")
    flow.expect_words(early="stale", third="running")
    flow.expect_link("running")
    flow.edit(2, "x = 1")
    problem = flow.find(".nbflow-problem")
    expect(problem.first).to_contain_text("the run goes on with `other`")
    flow.edit(2, f"%%step third\nopen('{GATE}1').read(1)\nother = 1")
    expect(problem).to_have_count(0)
    os.write(gates[1], b".")
    flow.expect_words(early="stale", third="fresh", last="unknown")
    flow.expect_link("live")


def test_a_step_is_verified_accepted_and_cleared_from_the_panel(flow: FlowPage) -> None:
    flow.cells("%%step kept\nkept = 41", "%%step above\nabove = kept + 1")
    flow.command("nbflow:run-flow")
    flow.expect_words(kept="fresh", above="fresh")
    said = flow.find(".nbflow-said")
    flow.node("kept").click()
    why = flow.find(".nbflow-details-body")
    flow.command("nbflow:verify")
    expect(said).to_contain_text("1 step gave the same")
    flow.edit(0, "%%step kept\nkept = 40 + 1")
    flow.expect_words(kept="stale")
    expect(why).to_contain_text("its code changed")
    flow.command("nbflow:accept")
    reason = flow.page.locator(".jp-Dialog input")
    reason.fill("the same number")
    reason.press("Enter")
    expect(said).to_contain_text("1 result of kept accepted: the same number")
    flow.expect_words(kept="fresh", above="fresh")
    expect(why).to_contain_text("its result was accepted")
    flow.command("nbflow:clear")
    expect(said).to_contain_text("of kept forgotten")
    flow.expect_words(kept="new")
    expect(why).to_contain_text("it has no result")
    said.get_by_role("button").click()
    flow.find(".nbflow-details .nbflow-close").click()


def test_the_values_of_a_step_are_shown(flow: FlowPage) -> None:
    flow.cells(
        "%load_ext nbflow",
        "import pandas as pd",
        "%%step load\ntable = pd.DataFrame({'city': ['Graz']})\ncount = 41 + 1",
    )
    flow.expect_words(load="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(load="fresh")
    flow.node("load").click()
    flow.find(".nbflow-tab").get_by_text("Outputs").click()
    body = flow.find(".nbflow-details-body")
    expect(body.locator("table").get_by_text("Graz")).to_be_visible()
    expect(body).to_contain_text("42")
    flow.picture("values")
    flow.find(".nbflow-details .nbflow-close").click()
    flow.kernel("restart")
    flow.expect_link("not loaded")
    flow.node("load").click()
    flow.find(".nbflow-tab").get_by_text("Outputs").click()
    expect(body).to_contain_text("shown once the kernel has nbflow")
    expect(body).to_contain_text("DataFrame")
    flow.picture("values-later")
    flow.idle()
    flow.execute("%load_ext nbflow")
    expect(body.locator("table").get_by_text("Graz")).to_be_visible()
    expect(body).not_to_contain_text("shown once the kernel has nbflow")
    flow.find(".nbflow-details .nbflow-close").click()


def test_a_failed_step_and_what_is_below_it(flow: FlowPage) -> None:
    flow.cells(
        "%load_ext nbflow",
        "%%step good\ngood = 1",
        "%%step bad\nprint('so far')\nbad = good / 0",
        "%%step below\nbelow = bad",
    )
    flow.expect_words(below="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(good="fresh", bad="failed", below="skipped")
    expect(flow.node("bad").locator(".detail")).to_contain_text("ZeroDiv")
    flow.expect_link("live")
    flow.node("bad").click()
    for told in ("so far", "step bad, line 3", "ZeroDivisionError: division by zero"):
        expect(flow.find(".nbflow-details-body")).to_contain_text(told)
    expect(flow.find(".nbflow-view .about")).to_be_hidden()  # it would be in the way
    flow.picture("failed")
    flow.find(".nbflow-details .nbflow-close").click()


def test_logs_come_while_a_step_runs_and_are_searched_by_keyboard(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells(
        "%load_ext nbflow",
        "%%step talk\nfor line in range(200): print(f'{line} birds')\n"
        f"open('{GATE}0').read(1)\nprint('one fish')\n"
        f"open('{GATE}1').read(1)\nprint('two fish')\ntalk = 1",
    )
    flow.expect_words(talk="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(talk="running")
    flow.node("talk").click()
    flow.find(".nbflow-tab").get_by_text("Logs").click()
    logs = flow.find(".nbflow-logs-body")
    expect(logs).to_contain_text("199 birds")
    expect(flow.find(".nbflow-logs .nbflow-count")).to_have_text("200 lines")
    below = "(logs) => Math.round(logs.scrollHeight - logs.scrollTop - logs.clientHeight)"
    flow.page.wait_for_function(f"() => ({below})(document.querySelector('.nbflow-logs-body')) < 2")
    begun = time.monotonic()
    os.write(gates[0], b".")
    expect(logs).to_contain_text("one fish")
    print(f"put out to screen: {time.monotonic() - begun:.2f} s")
    flow.page.wait_for_function(f"() => ({below})(document.querySelector('.nbflow-logs-body')) < 2")
    flow.picture("logs")
    logs.evaluate("(logs) => logs.scrollTo(0, 0)")
    logs.focus()
    keys = flow.page.keyboard
    keys.press("/")
    expect(flow.find(".nbflow-search")).to_be_focused()
    keys.type("fish")
    expect(flow.find(".nbflow-logs .nbflow-count")).to_have_text("1 of 201 lines")
    expect(logs).not_to_contain_text("birds")
    os.write(gates[1], b".")
    expect(flow.find(".nbflow-logs .nbflow-count")).to_have_text("2 of 202 lines")
    flow.picture("logs-search")
    keys.press("Escape")
    expect(logs).to_contain_text("birds")
    keys.press("Escape")
    expect(logs).to_be_focused()
    keys.press("Control+f")
    expect(flow.find(".nbflow-search")).to_be_focused()
    flow.expect_words(talk="fresh")
    flow.find(".nbflow-details .nbflow-close").click()


def test_somebody_who_has_scrolled_up_in_the_logs_is_left_there(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells(
        "%load_ext nbflow",
        f"%%step long\nfor line in range(200): print(line)\nopen('{GATE}0').read(1)\n"
        "print('the end')\nlong = 1",
    )
    flow.expect_words(long="new")
    flow.command("nbflow:run-flow")
    flow.node("long").click()
    flow.find(".nbflow-tab").get_by_text("Logs").click()
    logs = flow.find(".nbflow-logs-body")
    expect(logs).to_contain_text("199")
    logs.evaluate("(logs) => logs.scrollTo(0, 40)")
    os.write(gates[0], b".")
    expect(logs).to_contain_text("the end")
    flow.expect_words(long="fresh")
    assert logs.evaluate("(logs) => logs.scrollTop") == 40
    flow.find(".nbflow-details .nbflow-close").click()


def test_a_node_leads_to_its_cell_and_a_cell_to_its_node(flow: FlowPage) -> None:
    filler = [f"x{number} = {number}" for number in range(198)]
    flow.cells("%%step first\nfirst = 1", *filler, "%%step last\nlast = first")
    flow.expect_words(last="new")
    flow.node("last").click()
    expect(flow.node("last")).to_have_class(re.compile("mark-active"))
    assert flow.active() == 199
    expect(flow.page.locator(".jp-Cell.jp-mod-active")).to_be_in_viewport()
    flow.active(0)
    expect(flow.node("first")).to_have_class(re.compile("mark-active"))
    expect(flow.find(".node.mark-active")).to_have_count(1)
    flow.find(".nbflow-details .nbflow-close").click()


def test_all_is_done_by_keyboard(flow: FlowPage) -> None:
    flow.cells("%%step key\nkey = 1", "%%step board\nboard = key + 1")
    flow.expect_words(board="new")
    keys = flow.page.keyboard
    flow.find(".graph").focus()
    keys.press("End")
    expect(flow.node("board")).to_be_focused()
    keys.press("Enter")
    assert flow.active() == 1
    expect(flow.node("board")).to_be_focused()
    expect(flow.find(".nbflow-details-head strong")).to_have_text("board")
    keys.press("r")
    flow.expect_words(key="fresh", board="fresh")
    flow.find(".nbflow-tab[aria-selected=true]").focus()
    keys.press("ArrowRight")
    expect(flow.find(".nbflow-tab[aria-selected=true]")).to_have_text("Outputs")
    expect(flow.find(".nbflow-details-body")).to_contain_text("board")
    flow.find(".nbflow-details .nbflow-close").press("Enter")
    expect(flow.find(".nbflow-details")).to_have_count(0)


@pytest.mark.usefixtures("gates")
def test_keys_ask_why_and_cancel_while_a_cell_blocks(flow: FlowPage) -> None:
    flow.cells(
        "%load_ext nbflow",
        f"%%step block\nopen('{GATE}0').read(1)\nblock = 1",
        "%%step after\nafter = block",
    )
    flow.execute("%load_ext nbflow")
    flow.expect_words(after="new")
    keys = flow.page.keyboard
    flow.node("block").focus()
    keys.press("l")
    keys.press("Shift+Enter")
    flow.expect_words(block="running")
    expect(flow.node("block")).to_have_class(re.compile("mark-running"))
    flow.node("after").focus()
    begun = time.monotonic()
    keys.press("w")
    expect(flow.find(".nbflow-details-head strong")).to_have_text("after")
    expect(flow.find(".nbflow-details-body")).to_contain_text("after would run, because")
    print(f"why, while a cell blocks: {time.monotonic() - begun:.2f} s")
    flow.find(".nbflow-details .nbflow-close").press("Enter")
    flow.node("block").focus()
    keys.press("l")
    keys.press("i")
    keys.press("i")
    flow.expect_words(block="cancelled")
    flow.expect_link("live")
    flow.idle()


def test_the_keyboard_stays_where_it_is_when_the_graph_is_drawn_anew(flow: FlowPage) -> None:
    flow.cells("%%step door\ndoor = 1", "%%step house\nhouse = door + 1")
    flow.expect_words(house="new")
    flow.node("door").focus()
    flow.edit(1, "%%step wood\nwood = door + 1")
    flow.expect_words(wood="new")
    expect(flow.node("door")).to_be_focused()
    flow.edit(0, "%%step lock\nlock = door = 1")
    flow.expect_words(lock="new")
    expect(flow.find(".graph")).to_be_focused()


def test_steps_under_a_folded_heading_are_one_card(flow: FlowPage) -> None:
    flow.cells(
        "# Data",
        "%%step raw\nraw = [3, 1, 2]",
        "%%step clean\nclean = sorted(raw)",
        "# Model",
        "%%step fit\nfit = sum(clean)",
    )
    flow.expect_words(raw="new", clean="new", fit="new")
    keys = flow.page.keyboard
    flow.node("clean").focus()
    keys.press("g")
    expect(flow.node("Data")).to_be_focused()
    expect(flow.find(".node")).to_have_count(2)
    expect(flow.node("Data").locator(".count")).to_have_text("2 steps")
    expect(flow.find(".summary")).to_have_text("3 steps · 3 new")
    expect(flow.page.locator(".jp-Cell").nth(1)).to_be_hidden()
    flow.node("fit").click()
    flow.node("Data").click()
    assert flow.active() == 0
    flow.command("nbflow:run-flow")
    flow.expect_words(Data="fresh", fit="fresh")
    flow.picture("group")
    flow.node("Data").focus()
    keys.press("Enter")
    flow.expect_words(raw="fresh", clean="fresh", fit="fresh")
    expect(flow.node("raw")).to_be_focused()
    expect(flow.page.locator(".jp-Cell").nth(1)).to_be_visible()
    keys.press("g")
    expect(flow.node("Data")).to_be_focused()
    flow.save()
    flow.visit()
    flow.expect_words(Data="fresh", fit="fresh")


def in_a_terminal(flow: FlowPage) -> subprocess.Popen[bytes]:
    """The notebook as it is saved, run by another process."""
    flow.save()
    notebook = flow.notebook.folder / f"{flow.notebook.name}.ipynb"
    code = "from nbflow.cli import main; main(prog_name='nbflow')"
    # As the same user, whose key the store is signed with.
    data = flow.notebook.lab.folder.parent / "jupyter_data_dir"
    return subprocess.Popen(
        [sys.executable, "-c", code, "run", str(notebook)],
        env={**os.environ, "JUPYTER_DATA_DIR": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("link", ["live", "not loaded"])
def test_a_run_in_a_terminal_is_seen(flow: FlowPage, gates: Sequence[int], link: str) -> None:
    if link == "live":
        flow.execute("%load_ext nbflow")
    else:
        flow.kernel("restart")
        flow.idle()
    name = f"far_{link[:2]}"
    flow.cells(
        f"%%step {name}\n{name} = 1", f"%%step gated\nopen('{GATE}0').read(1)\ngated = {name}"
    )
    flow.expect_words(**{name: "new"}, gated="new")
    flow.expect_link(link)
    run = in_a_terminal(flow)
    flow.expect_link("running elsewhere")
    flow.expect_words(**{name: "fresh"}, gated="running")
    expect(flow.node("gated").locator(".detail")).to_contain_text("running · elsewhere")
    flow.picture("elsewhere")
    os.write(gates[0], b".")
    assert run.wait(60) == 0
    begun = time.monotonic()
    flow.expect_words(gated="fresh")
    flow.expect_link(link)
    print(f"end in the terminal to screen, {link}: {time.monotonic() - begun:.2f} s")


def test_the_panel_lives_through_a_restart_and_all_is_cached(flow: FlowPage) -> None:
    flow.cells(*PRIMES)
    flow.command("nbflow:run-flow")
    flow.expect_words(load="fresh", report="fresh")
    flow.save()
    flow.kernel("restart")
    flow.expect_words(load="fresh", report="fresh")
    flow.expect_link("not loaded")
    flow.idle()
    flow.command("notebook:run-all-cells")
    flow.expect_link("live")
    expect(flow.page.locator(".jp-Notebook .nbf").filter(has_text="cached")).to_have_count(4)
    flow.expect_words(load="fresh", primes="fresh", odds="fresh", report="fresh")


def test_the_panel_lives_through_a_connection_that_breaks(flow: FlowPage) -> None:
    flow.cells("%%step kept\nkept = 1")
    flow.command("nbflow:run-flow")
    flow.expect_words(kept="fresh")
    flow.kernel("reconnect")
    flow.expect_link("not loaded")
    flow.expect_link("live")
    flow.edit(0, "%%step kept\nkept = 2")
    flow.expect_words(kept="stale")
    flow.command("nbflow:run-flow")
    flow.expect_words(kept="fresh")


def test_a_page_that_misses_the_kernels_word_asks_for_it(flow: FlowPage) -> None:
    flow.kernel("restart")
    flow.expect_link("not loaded")
    flow.idle()
    flow.be_deaf()
    flow.cells("%%step heard\nheard = 1")
    flow.expect_words(heard="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(heard="fresh")
    flow.expect_link("live")


def test_a_message_that_is_lost_on_the_way_is_missed(flow: FlowPage) -> None:
    flow.cells("%load_ext nbflow", "%%step here\nhere = 1")
    flow.command("nbflow:run-flow")
    flow.expect_words(here="fresh")
    flow.lose()
    flow.edit(1, "%%step here\nhere = 2")
    flow.hear()
    begun = time.monotonic()
    flow.expect_words(here="stale")
    print(f"lost to seen: {time.monotonic() - begun:.2f} s")


def test_a_kernel_that_is_restarted_in_another_tab_is_not_taken_for_the_one_before(
    flow: FlowPage,
) -> None:
    flow.cells("%%step kept\nkept = 7")
    flow.command("nbflow:run-flow")
    flow.expect_words(kept="fresh")
    flow.save()
    with opened(
        flow.page.context, flow.notebook.lab, flow.notebook.pictures, "another tab"
    ) as other:
        other.name = flow.notebook.name
        second = FlowPage(other)
        second.visit()
        second.command("nbflow:open")
        second.expect_link("live")
        second.kernel("restart")
        second.expect_link("not loaded")
        flow.expect_link("not loaded")
        second.idle()
        second.command("nbflow:run-flow")
        second.expect_link("live")
        flow.expect_link("live")
    flow.expect_words(kept="fresh")


def test_cells_that_nobody_has_saved_run_at_once_in_a_kernel_that_is_new(flow: FlowPage) -> None:
    flow.kernel("restart")
    flow.idle()
    flow.cells("%load_ext nbflow", "%%step first\nfirst = 1", "%%step then\nthen = first + 1")
    flow.expect_words(first="new", then="new")
    flow.command("notebook:run-all-cells")
    flow.expect_words(first="fresh", then="fresh")
    expect(flow.page.locator(".jp-Notebook .nbf")).to_have_count(2)
    expect(flow.page.locator(".jp-Notebook .nbf").filter(has_text="Save")).to_have_count(0)


def test_the_panel_lives_through_a_crash_of_the_kernel(flow: FlowPage) -> None:
    flow.cells("%%step crash\ncrash = 1")
    flow.command("nbflow:run-flow")
    flow.expect_words(crash="fresh")
    flow.cells("%%step crash\ncrash = 1", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    flow.run_cell(1)
    flow.expect_link("not loaded")
    flow.page.locator(".jp-Dialog .jp-mod-accept").click()
    flow.cells("%%step crash\ncrash = 1", "%%step after\nafter = crash")
    flow.expect_words(crash="fresh", after="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(crash="fresh", after="fresh")
    flow.expect_link("live")


def test_a_reload_and_a_second_tab_while_a_cell_blocks(
    flow: FlowPage, gates: Sequence[int]
) -> None:
    flow.cells(*GATED)
    flow.execute("%load_ext nbflow")
    flow.save()
    flow.run_cell(2)
    flow.expect_words(parts="running")
    begun = time.monotonic()
    flow.visit()
    flow.expect_words(parts="running")
    print(f"reload while busy: {time.monotonic() - begun:.2f} s")
    flow.expect_link("running")
    with opened(
        flow.page.context, flow.notebook.lab, flow.notebook.pictures, "second tab"
    ) as other:
        other.name = flow.notebook.name
        second = FlowPage(other)
        second.visit()
        second.command("nbflow:open")
        second.expect_words(parts="running")
        for pipe in gates:
            os.write(pipe, b".")
        second.expect_words(parts="fresh", total="fresh")
    flow.expect_words(parts="fresh", total="fresh")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_graph_is_saved_as_a_picture(flow: FlowPage, kind: str) -> None:
    flow.cells(*PRIMES)
    expect(flow.node("report")).to_be_visible()
    with flow.page.expect_download() as waiting:
        flow.command(f"nbflow:export-{kind}")
    assert waiting.value.suggested_filename == f"{flow.notebook.name}.{kind}"
    picture = Path(waiting.value.path()).read_bytes()
    if kind == "svg":
        words = {word.strip() for word in ElementTree.fromstring(picture).itertext()}
        assert {"load", "primes", "odds", "report"} <= words
    else:
        image = Image.open(io.BytesIO(picture))
        assert image.width > 400
        # Painted, and not one colour.
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 8
    (flow.notebook.pictures / f"saved.{kind}").write_bytes(picture)


def test_no_text_of_a_notebook_is_parsed_as_html(flow: FlowPage) -> None:
    bad = '<img src=x onerror="window.stolen=1"><svg onload=window.stolen=2></style>\u202eevil'
    asked: list[str] = []
    flow.page.on("request", lambda request: asked.append(request.url))
    flow.cells(
        "%load_ext nbflow",
        f"# {bad} [go](javascript:alert(3)) {'x' * 10_000}",
        f"# {bad}\n#| step: loud\nfrom IPython.display import HTML, display\n"
        f"print({bad!r})\ndisplay(HTML({bad!r}))\nloud = {bad!r}\nlouder = {{loud: [loud]}}",
        f"#| step: fails\nraise ValueError({bad!r})\nfails = 1",
        f"%%step wrong\nwrong = missing  # {bad}",
        f"#| step: {bad}\nx = 1",
        f"%%step {'x' * 1_000_000}\ny = 1",
    )
    flow.command("nbflow:run-flow")
    expect(flow.find(".nbflow-problem").first).to_be_visible()
    flow.active(2)
    flow.command("nbflow:bring-up-to-date")
    flow.expect_words(loud="fresh")
    flow.active(3)
    flow.command("nbflow:bring-up-to-date")
    flow.expect_words(fails="failed")
    for step in ("loud", "fails"):
        flow.node(step).click()
        for tab in ("Outputs", "Logs", "Source", "History", "Why"):
            flow.find(".nbflow-tab").get_by_text(tab).click()
            expect(flow.find(".nbflow-details-body > *").first).to_be_visible()
    flow.node("fails").focus()
    flow.page.keyboard.press("g")
    expect(flow.find(".node.group")).to_be_focused()
    flow.find(".node.group").hover()
    expect(flow.find(".about")).to_contain_text("onerror")
    flow.page.keyboard.press("g")
    flow.expect_words(fails="failed")
    assert flow.page.evaluate("window.stolen") is None
    expect(flow.find(":is([onerror], [onload], script)")).to_have_count(0)
    expect(flow.find("[href^='javascript:']")).to_have_count(0)
    assert "\u202e" not in flow.find(".nbflow-view").inner_text()
    assert len(flow.find(".nbflow-view").inner_text()) < 5000
    here = (flow.notebook.lab.url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(here)] == []
    flow.find(".nbflow-details .nbflow-close").click()


def test_the_panel_is_dark_where_jupyterlab_is(flow: FlowPage) -> None:
    flow.cells(*PRIMES)
    flow.command("nbflow:run-flow")
    flow.expect_words(load="fresh", report="fresh")
    flow.notebook.command("apputils:change-theme", theme="JupyterLab Dark")
    try:
        expect(flow.find(".nbflow-view")).to_have_class(re.compile(r"\bdark\b"))
        expect(flow.node("load").locator(".disc")).to_have_css("fill", "rgb(20, 48, 30)")
        flow.node("report").click()
        flow.picture("dark")
    finally:
        flow.notebook.command("apputils:change-theme", theme="JupyterLab Light")
