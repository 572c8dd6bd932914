"""What the panel says when the notebook is moved, closed, has no flow, or is one of two."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.browser.conftest import opened
from tests.browser.notebook import Notebook, expect
from tests.browser.panel import FlowPage


@pytest.fixture
def flow(notebook: Notebook) -> FlowPage:
    flow = FlowPage(notebook)
    flow.open("%%step one\none = 1", "%%step two\ntwo = one")
    flow.expect_words(one="new", two="new")
    return flow


def test_a_notebook_under_another_name_keeps_its_flow_and_its_cache(flow: FlowPage) -> None:
    flow.command("nbflow:run-flow")
    flow.expect_words(one="fresh", two="fresh")
    flow.save()
    flow.rename("renamed")
    expect(flow.page.locator(".lm-TabBar-tabLabel").get_by_text("Flow: renamed")).to_be_visible()
    flow.edit(1, "%%step two\ntwo = one + 1")
    flow.expect_words(one="fresh", two="stale")


def test_the_panel_goes_with_its_notebook(flow: FlowPage) -> None:
    flow.save()
    flow.close()
    expect(flow.page.locator(".nbflow-panel")).to_have_count(0)


def test_a_notebook_whose_file_is_deleted_says_so_until_it_is_saved(flow: FlowPage) -> None:
    said = flow.find(".nbflow-said")
    (flow.notebook.folder / f"{flow.notebook.name}.ipynb").unlink()
    flow.edit(1, "%%step two\ntwo = one + 1")
    expect(said).to_contain_text("No such file")
    flow.expect_link("lost")
    flow.save()
    flow.expect_link("not loaded")
    expect(said).to_be_hidden()


def test_only_a_code_cell_becomes_the_first_step(flow: FlowPage) -> None:
    flow.cells("# Words", "x = 1")
    flow.find(".nbflow-begin").click()
    expect(flow.find(".nbflow-said")).to_contain_text("Choose a code cell")
    expect(flow.page.locator(".jp-Dialog")).to_have_count(0)


def test_a_store_that_is_deleted_is_noticed_and_made_anew(flow: FlowPage) -> None:
    flow.command("nbflow:run-flow")
    flow.expect_words(one="fresh", two="fresh")
    shutil.rmtree(flow.notebook.folder / ".nbflow")
    flow.expect_words(one="new", two="new")
    flow.command("nbflow:run-flow")
    flow.expect_words(one="fresh", two="fresh")


def test_what_stepped_back_comes_forward_when_the_graph_is_drawn_anew(flow: FlowPage) -> None:
    flow.node("two").hover()
    expect(flow.find(".looking")).to_have_count(1)
    flow.edit(0, "%%step new_one\none = 1")
    expect(flow.node("new_one")).to_be_visible()
    flow.page.mouse.move(0, 0)
    expect(flow.find(".looking")).to_have_count(0)


def test_two_notebooks_have_a_flow_each(flow: FlowPage) -> None:
    with opened(flow.page.context, flow.notebook.lab, flow.notebook.pictures, "second") as notebook:
        other = FlowPage(notebook)
        other.open("%%step three\nthree = 3")
        other.command("nbflow:run-flow")
        other.expect_words(three="fresh")
        expect(other.node("one")).to_have_count(0)
    flow.expect_words(one="new", two="new")
    expect(flow.node("three")).to_have_count(0)


def test_a_notebook_without_marks_costs_no_request(notebook: Notebook) -> None:
    asked: list[str] = []
    notebook.page.on("request", lambda request: asked.append(request.url))
    notebook.run("x = 1", "# of %%step nothing\ny = x")
    notebook.wait()
    FlowPage(notebook).edit(0, "x = 2")
    notebook.page.wait_for_timeout(1500)
    assert any("/api/contents" in url for url in asked)
    assert [url for url in asked if re.search(r"/nbflow/(flow|details|picture)", url)] == []
    assert notebook.value("__import__('sys').modules.get('nbflow')") == "None"


@pytest.fixture
def locked(notebook: Notebook) -> Iterator[FlowPage]:
    """A flow in a folder that nobody can write to."""
    notebook.write("%%step one\none = 1", "%%step two\ntwo = one")
    folder = str(notebook.folder)
    bind = ["mount", "--bind", folder, folder]
    if os.getuid() or subprocess.run(bind, check=False, capture_output=True).returncode:
        pytest.skip("a folder cannot be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield FlowPage(notebook)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_folder_that_cannot_be_written_shows_its_flow_and_says_why_it_does_not_run(
    locked: FlowPage,
) -> None:
    locked.visit()
    locked.command("nbflow:open")
    locked.expect_words(one="new", two="new")
    locked.command("nbflow:run-flow")
    expect(locked.find(".nbflow-said")).to_contain_text("Read-only file system")
    locked.picture("read-only")
    locked.expect_words(one="new", two="new")


def test_the_panel_is_read_in_high_contrast(flow: FlowPage) -> None:
    notebook = flow.notebook
    notebook.command("apputils:change-theme", theme="JupyterLab Dark High Contrast")
    try:
        expect(flow.find(".nbflow-view")).to_have_class(re.compile(r"\bdark\b"))
        flow.node("two").click()
        expect(flow.find(".nbflow-details-body")).to_contain_text("two")
        flow.picture("contrast")
    finally:
        notebook.command("apputils:change-theme", theme="JupyterLab Light")
