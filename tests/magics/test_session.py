"""Whose turn it is in a kernel's flow, and what looks at it: in one process, without a kernel."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbformat import NotebookNode

from nbflow.magics import commands, running
from nbflow.magics.completer import matcher
from nbflow.magics.session import Session
from nbflow.magics.told import Told
from nbflow.records.notebook import Cell
from tests.notebooks import notebook, step, write


class Silent:
    """In place of the cell's output area."""

    shown: list[str]

    def __init__(self, shell: Any) -> None:
        self.shown = shell.shown

    def display(self, data: dict[str, Any], *_: object, **__: object) -> None:
        self.shown.append(data["text/plain"])


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    for module in (commands, running):
        monkeypatch.setattr(module, "Screen", Silent)
    namespace = {"__vsc_ipynb_file__": str(tmp_path / "flow.ipynb")}
    one = Session(SimpleNamespace(user_ns=namespace, shown=[]))
    save(one, step("a", "x = 1", cell_id="a"), step("b", "y = x", cell_id="b"))
    yield one
    one.close()


def save(session: Session, *cells: NotebookNode | str) -> None:
    write(notebook(*cells), session.document.path)


def ask(session: Session, *words: str) -> list[str]:
    session.shell.shown.clear()
    commands.flow.main([*words], obj=session, standalone_mode=False)
    shown: list[str] = session.shell.shown
    return shown


@pytest.mark.parametrize("words", [["clear"], ["accept", "b", "-m", "the same"]])
def test_what_changes_results_waits_for_the_run_in_the_background(
    session: Session, words: list[str]
) -> None:
    session.bind(session.flow().run(executor="inline"))
    before = session.flow().plan()["b"].verdict
    assert before == "reuse"
    save(session, step("a", "x = 1", cell_id="a"), step("b", "y = x + 0", cell_id="b"))
    flow = session.take_turn()
    asking = threading.Thread(target=ask, args=(session, *words), daemon=True)
    asking.start()
    asking.join(0.5)
    assert asking.is_alive()
    assert flow.plan()["a"].verdict == "reuse"
    assert flow.plan()["b"].verdict == "run"
    session.end_turn()
    asking.join(20)
    assert not asking.is_alive()
    assert len(session.shell.shown) == 2  # that it waits, and what came of it


@pytest.mark.parametrize("words", [[], ["plan"], ["why", "b"], ["preview", "b"], ["runs"]])
def test_a_look_changes_no_flow_that_is_about_to_run(session: Session, words: list[str]) -> None:
    session.flow().run(executor="inline")
    flow = session.take_turn()
    before = flow.notebook
    save(session, step("a", "x = 2", cell_id="a"), step("b", "y = x", cell_id="b"))
    assert ask(session, *words)
    context: Any = SimpleNamespace(
        full_text="%flow why ", line_with_cursor="%flow why ", cursor_line=0, cursor_position=10
    )
    offered = matcher(session)(context)["completions"]
    assert [each.text for each in offered][:2] == ["a", "b"]
    assert flow.notebook is before
    session.end_turn()
    assert ask(session, *words)
    assert flow.notebook is not before


def test_who_reads_what_others_have_taught_turns_no_run_away(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = session.flow()
    taken: list[bool] = []
    update = flow.update

    def updated(*given: Any, **named: Any) -> None:
        taken.append(session._turn.acquire(blocking=False))
        session._turn.release()
        update(*given, **named)

    monkeypatch.setattr(flow, "update", updated)
    session.look_again()
    assert taken == [True]
    with session._turn:
        session.look_again()
    assert taken == [True]


# --- names that no step gives any longer ---


def run(session: Session, *names: str) -> dict[str, Any]:
    """Run steps as their cells would, and give what the kernel then has."""
    session.bind(session.flow().run(*names, executor="inline"))
    return dict(session.shell.user_ns)


def execute(session: Session, source: str) -> None:
    """Execute an ordinary cell, as IPython does."""
    info = SimpleNamespace(raw_cell=source, store_history=False)
    session.before_cell(info)
    exec(source.removeprefix("%%time\n"), session.shell.user_ns)
    session.after_cell(SimpleNamespace(info=info, error_in_exec=None))


LARGE = "x = b'x' * 9_000_000"
#: What a step says next, in a cell of its own or not at all.
EDITS = {
    "it binds another name": [step("a", "z = 1", cell_id="a")],
    "it binds only the other": [step("a", "f = 1", cell_id="a")],
    "it was deleted": [step("other", "z = 1", cell_id="other")],
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("body", ["x = 1", "x = [1]", LARGE, "def x(): return 1"])
def test_what_no_step_gives_any_longer_is_bound_no_more(
    session: Session, edit: str, body: str
) -> None:
    save(session, step("a", f"{body}\nf = 0", cell_id="a"))
    run(session)
    execute(session, "print(f)")
    save(session, *EDITS[edit])
    bound = run(session)
    assert "x" not in bound
    assert ("f" in bound) == (edit == "it binds only the other")
    execute(session, "f = 0")  # nothing is loaded late either
    assert "x" not in session.shell.user_ns


@pytest.mark.parametrize(
    "own", ["x = [1]", "x = 1", "%%time\nx = 1", "exec('x = 2.5')", "import os as x"]
)
def test_what_the_user_has_bound_himself_is_his(session: Session, own: str) -> None:
    run(session)
    execute(session, own)
    value = session.shell.user_ns["x"]
    save(session, step("a", "z = 1", cell_id="a"))
    assert run(session)["x"] is value


def test_what_another_step_gives_or_an_older_one_gave_stays(session: Session) -> None:
    run(session)
    save(session, step("a", "z = 1", cell_id="a"), step("b", "y = 1", cell_id="b"))
    assert run(session, "b")["x"] == 1  # that of a step that has not run since
    save(session, step("a", "z = 1", cell_id="a"), step("b", "x = y = 1", cell_id="b"))
    assert run(session, "a")["x"] == 1
    assert run(session)["x"] == 1
    save(session, step("a", "z = 1", cell_id="a"), step("b", "y = 1", cell_id="b"))
    assert "x" not in run(session)


def test_what_the_user_drops_is_kept_by_nobody(session: Session) -> None:
    save(session, step("a", "class Heavy: pass\nx = [Heavy()]", cell_id="a"))
    run(session)
    seen = weakref.ref(session.shell.user_ns["x"][0])
    execute(session, "del x")
    assert seen() is None


def test_a_page_that_has_just_heard_of_the_kernel_tells_where_unsaved_cells_stand(
    session: Session,
) -> None:
    screen = [
        Cell("new", 0, "code", "%%step new\nz = x + 1"),
        Cell("a", 0, "code", "%%step a\nx = 1"),
    ]
    session.executed(screen[0].source, Told("new", screen[0].source))
    later = threading.Timer(0.1, session.mirrored, [screen])
    later.start()
    with session.turn(lambda: None) as flow:
        assert [problem.code for problem in flow.problems] == ["bound-below"]
        assert list(flow.flow.steps) == ["new", "a"]
    later.join()


def test_without_such_a_page_they_stand_behind_all_others(session: Session) -> None:
    source = "%%step new\nz = x + 1"
    session.executed(source, Told("new", source))
    with session.turn(lambda: None) as flow:
        assert list(flow.flow.steps) == ["a", "b", "new"]
