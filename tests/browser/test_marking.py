"""Marking cells from the panel: what is written into them, and undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.browser.notebook import Notebook, expect
from tests.browser.panel import FlowPage


@pytest.fixture(scope="module")
def one(lasting: Notebook) -> FlowPage:
    flow = FlowPage(lasting)
    flow.open("%%step first\nfirst = 1", "second = first + 1")
    return flow


@pytest.fixture
def flow(one: FlowPage) -> Iterator[FlowPage]:
    one.cells("%%step first\nfirst = 1", "second = first + 1", "third = [second]")
    expect(one.find(".node")).to_have_count(1)
    yield one
    one.page.keyboard.press("Escape")


def answer(flow: FlowPage, text: str) -> None:
    field = flow.page.locator(".jp-Dialog input")
    field.fill(text)
    field.press("Enter")
    expect(flow.page.locator(".jp-Dialog")).to_have_count(0)


def mark(flow: FlowPage, cell: int, command: str, text: str | None = None) -> None:
    flow.active(cell)
    flow.command(f"nbflow:{command}")
    if text is not None:
        answer(flow, text)


def test_a_cell_becomes_a_step_and_an_undo_makes_it_an_ordinary_one(flow: FlowPage) -> None:
    mark(flow, 1, "mark-step", "second")
    flow.expect_source(1, "%%step second\nsecond = first + 1")
    flow.expect_words(second="new")
    flow.undo(1)
    flow.expect_source(1, "second = first + 1")
    expect(flow.node("second")).to_have_count(0)
    flow.expect_source(0, "%%step first\nfirst = 1")


def test_each_change_of_a_mark_is_undone_by_itself(flow: FlowPage) -> None:
    mark(flow, 1, "mark-step", "second")
    mark(flow, 1, "rename", "next")
    flow.expect_words(next="new")
    mark(flow, 1, "options", "next --cpus 2")
    flow.expect_source(1, "%%step next --cpus 2\nsecond = first + 1")
    mark(flow, 1, "unmark")
    flow.expect_source(1, "second = first + 1")
    for source in ("%%step next --cpus 2", "%%step next", "%%step second"):
        flow.undo(1)
        flow.expect_source(1, f"{source}\nsecond = first + 1")


def test_a_cell_is_marked_as_the_others_of_its_notebook_are(flow: FlowPage) -> None:
    flow.edit(0, "#| step: first\nfirst = 1")
    flow.expect_words(first="new")
    mark(flow, 1, "mark-foreach", "second in [first]")
    flow.expect_source(1, "#| foreach: second in [first]\nsecond = first + 1")
    mark(flow, 1, "mark-parameters")
    flow.expect_source(1, "#| parameters\nsecond = first + 1")
    mark(flow, 1, "mark-setup")
    flow.expect_source(1, "#| setup\nsecond = first + 1")


def test_tags_are_marks_like_others(flow: FlowPage) -> None:
    flow.edit(0, "first = 1")
    flow.tag(0, "step:first")
    flow.expect_words(first="new")
    mark(flow, 1, "mark-step", "second")
    flow.expect_words(second="new")
    assert flow.tags(1) == ["step:second"]
    flow.expect_source(1, "second = first + 1")
    flow.undo(1)
    expect(flow.node("second")).to_have_count(0)
    assert flow.tags(1) == []


def test_a_menu_on_a_node_is_about_its_cell(flow: FlowPage) -> None:
    mark(flow, 1, "mark-step", "second")
    flow.expect_words(second="new")
    flow.active(0)
    flow.node("second").click(button="right")
    flow.page.locator(".lm-Menu-itemLabel").get_by_text("Rename This Step").click()
    expect(flow.page.locator(".jp-Dialog input")).to_have_value("second")
    answer(flow, "other")
    flow.expect_words(other="new")
    flow.expect_source(1, "%%step other\nsecond = first + 1")


def test_steps_are_found_by_name_and_status(flow: FlowPage) -> None:
    mark(flow, 1, "mark-step", "second")
    mark(flow, 2, "mark-step", "third")
    flow.expect_words(third="new")
    flow.active(1)
    flow.command("nbflow:run-to-here")
    flow.expect_words(first="fresh", second="fresh", third="new")
    flow.find(".graph").focus()
    flow.page.keyboard.press("/")
    field = flow.find(".nbflow-finder input")
    expect(field).to_be_focused()
    field.press_sequentially("fresh")
    expect(flow.find(".node.mark-found")).to_have_count(2)
    expect(flow.find(".nbflow-finder .nbflow-count")).to_have_text("2 steps")
    field.fill("sec fresh")
    expect(flow.find(".node.mark-found")).to_have_count(1)
    flow.picture("found")
    field.press("Enter")
    expect(flow.node("second")).to_be_focused()
    field.focus()
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(flow.find(".nbflow-view")).not_to_have_class(re.compile(r"\bfinding\b"))


def test_a_cell_that_is_no_step_shows_what_is_wrong_with_it(flow: FlowPage) -> None:
    flow.edit(2, "third = (second")
    badge = flow.page.locator(".jp-Cell").nth(2).locator(".nbflow-badge")
    expect(badge).to_be_visible()
    expect(badge).to_have_attribute("title", re.compile("warning\n.+"))
