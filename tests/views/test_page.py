"""A page is text in a terminal and HTML in a notebook; the HTML holds all, and runs nothing."""

from __future__ import annotations

import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from nbflow.plan import Plan, StepPlan
from nbflow.records.reason import Reason
from nbflow.views import css, plan
from nbflow.views.ansi import Ink, pieces
from nbflow.views.blocks import (
    Badge,
    Block,
    Code,
    Difference,
    Heading,
    Note,
    Row,
    Span,
    Table,
    line,
)
from nbflow.views.page import Page, page
from nbflow.views.status import LOOKS
from nbflow.views.wording import Worded
from tests.views.test_tables import SNAPSHOTS, VIEWS

TEXTS = ("log",)


class Read(HTMLParser):
    """The text of a page and its tags; complains about a tag that is never closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def every_block(text: str) -> list[Block]:
    return [
        line(text, Span(text, "quiet", limit=5), Badge("stale", text), mark="stale", indent=2),
        Table((Row((text, Badge("failed", text), text), "failed"),), (text, text, text), (9, 9)),
        Table((Row((text, text), "cached"),), ("a", "b"), (9,), right=0),
        Note("error", text, text),
        Difference(text, text + "more"),
        Code(text),
        Heading(text, "bad", wide=True),
    ]


@pytest.mark.parametrize("name", [name for name in VIEWS if name not in TEXTS])
def test_a_view_in_a_notebook_is_as_its_snapshot_says(name: str) -> None:
    view = VIEWS[name]()
    assert isinstance(view, Page)
    html = re.sub(r"<style>.*?</style>", "", view.html(), flags=re.DOTALL) + "\n"
    file = SNAPSHOTS / f"{name}.html"
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        file.write_text(html, "utf-8")
    assert html == file.read_text("utf-8")


@given(st.text())
def test_whatever_a_notebook_says_stays_text(text: str) -> None:
    html = page(*every_block(text)).html()
    read = Read(html)
    known = {"div", "style", "span", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"}
    assert {tag for tag, _ in read.tags} <= known | {"svg", "path", "title"}
    assert not any(mark in html for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068")


def test_nothing_runs_and_no_attribute_can_be_closed() -> None:
    evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>`<b>`</style>\u202e"
    read = Read(page(*every_block(evil)).html())
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert not {"script", "img", "b"} & {tag for tag, _ in read.tags}
    assert "<script>alert(1)</script>" in read.text


def test_a_notebook_wraps_and_cuts_nothing() -> None:
    long = "word " * 60
    one = page(Table((Row((long, long), ""),), ("a", "b"), (9,)), line(Span(long, limit=9)))
    assert "…" in one.plain()
    assert Read(one.html()).text.count("word") == 180


@pytest.mark.parametrize("status", [*LOOKS, "odd"])
def test_a_status_is_never_a_colour_alone(status: str) -> None:
    for block in (
        line("x", mark=status),
        Table((Row(("x",), status),), ("a",), ()),
    ):
        html = page(block).html()
        assert f">{status}<" in html
        assert "<svg" in html


def test_only_the_style_that_is_used_goes_along() -> None:
    small = page("text").html()
    assert "nbf-table" not in small
    assert len(small) < 900
    assert ".nbf-stale{" in page(line("x", mark="stale")).html()


def test_names_in_backticks_are_code() -> None:
    assert "parameter <code>n</code> changed" in page("parameter `n` changed").html()


def test_ipython_shows_a_page_as_text_and_as_html() -> None:
    bundle, _ = DisplayFormatter().format(page(line(Span("fine", "good"))))
    assert bundle["text/plain"] == "fine"
    assert '<span class="nbf-good">fine</span>' in bundle["text/html"]


@pytest.mark.parametrize(
    ("terminal", "name", "value", "coloured"),
    [
        (True, "TERM", "xterm", True),
        (True, "TERM", "dumb", False),
        (True, "NO_COLOR", "1", False),
        (False, "TERM", "xterm", False),
    ],
)
def test_a_terminal_gets_colours_unless_it_wants_none(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, name: str, value: str, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    told = page(line(Span("failed", "bad")))._repr_mimebundle_()["text/plain"]
    assert ("\x1b[" in told) is coloured


def test_an_empty_page_is_false_and_pages_hold_pages() -> None:
    assert not page()
    assert page("a", page("b", "c")).plain() == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain", [("plain", Ink())]),
        ("\x1b[31mred\x1b[0m", [("red", Ink(1))]),
        ("\x1b[1;91mred\x1b[22m\x1b[39mx", [("red", Ink(1, bold=True)), ("x", Ink())]),
        ("\x1b[38;5;196mred\x1b[38;5;252mgrey", [("red", Ink(1)), ("grey", Ink())]),
        ("\x1b[38;5;10mgreen\x1b[m", [("green", Ink(2))]),
        (
            "\x1b[38;2;166;226;46mlime\x1b[38;2;248;248;242mpale",
            [("lime", Ink(3)), ("pale", Ink())],
        ),
        ("\x1b[48;5;3;34mblue on it\x1b[49m", [("blue on it", Ink(4, marked=True))]),
        ("\x1b[38;9mx\x1b]0;title\x07y\x1b[2Kz", [("x", Ink()), ("y", Ink()), ("z", Ink())]),
    ],
)
def test_a_terminals_colours_are_read(text: str, told: list[tuple[str, Ink]]) -> None:
    assert list(pieces(text)) == told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([StepPlan("c", "load", "reuse")], ""),
        ([StepPlan("c", "load", "run", (Reason("source"),))],
         "`train` needs `load` (stale: its code changed)"),
        (
            [
                StepPlan("c", "load", "run", (Reason("source"),)),
                StepPlan("c", "fit", "reuse"),
                StepPlan("c", "clean", "run", (Reason("never-ran"),)),
            ],
            "`train` needs `load` (stale: its code changed) and `clean` (new)",
        ),
        (
            [
                StepPlan("c", "load", "run", (Reason("never-ran"),)),
                StepPlan("c", "clean", "unknown", waiting_on=("load",)),
                StepPlan("c", "bad", "blocked"),
            ],
            "`train` needs `load` (new), `clean` (depends on what `load` will give) "
            "and `bad` (blocked)",
        ),
        (
            [StepPlan("c", f"s{n}", "run", (Reason("never-ran"),)) for n in range(9)],
            "`train` needs `s0` (new), `s1` (new), `s2` (new), `s3` (new), `s4` (new) and 4 more",
        ),
    ],
)  # fmt: skip
def test_what_a_step_needs_is_said_before_it_starts(steps: list[StepPlan], told: str) -> None:
    train = StepPlan("t", "train", "run", (Reason("never-ran"),))
    assert plan.needs("train", Plan((*steps, train))).plain() == told


def test_vs_codes_own_colours_stand_before_those_that_its_widgets_bring_along() -> None:
    # There, JupyterLab's variables have the values of its light theme in every theme.
    styles = (css.every_style(), Path(css.__file__).with_name("widget.css").read_text())
    for style in styles:
        assert "var(--vscode-" in style
        assert not re.search(r"var\(--jp-[\w-]+,\s*var\(--vscode-", style)


def test_words_of_ours_are_told_apart_from_names_that_read_the_same() -> None:
    told = page(
        line(Worded("step `%1`", "status")), Table((Row(("value",)),), (Worded("value"),), ())
    )
    assert told.worded() == {"step status": ["step `%1`", "status"], "value": ["value"]}
    html = told.html()
    assert '<span lang="en">step <code>status</code></span>' in html
    assert '<th scope="col"><span lang="en">value</span></th>' in html
    assert "<td>value</td>" in html
