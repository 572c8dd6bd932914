"""What the history keeps of runs, and how they are found again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nbflow.errors import NbflowError, StoreError
from nbflow.records.reason import Reason
from nbflow.records.task import ErrorText, Fact, RunRecord, TaskRun
from nbflow.store import filters, process
from nbflow.store.filters import RunFilter
from nbflow.store.history import History
from nbflow.store.store import Store

RUN = RunRecord("20260101-1", "/a.ipynb", "a", {"n": "2"}, "running", started=1.0)
TASK = TaskRun(
    "primes[0]",
    "cell",
    "primes",
    0,
    "failed",
    0.5,
    reasons=(Reason("never-ran"),),
    error=ErrorText("ValueError", "no", ("Traceback", "ValueError: no"), 3, 1),
)
FACTS = (Fact("distribution", "numpy", "2.0"), Fact("file", "data.csv", "12"))


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbflow.store.history.time.time", lambda: RUN.started)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".nbflow"


@pytest.fixture
def history(root: Path) -> Iterator[History]:
    store = Store.open(root)
    yield store.history
    store.close()


def alter(root: Path, statement: str) -> None:
    with sqlite3.connect(root / "history.sqlite") as connection:
        connection.execute(statement)
    connection.close()


def test_a_run_is_kept_with_its_tasks_its_notebook_and_what_they_looked_at(
    history: History,
) -> None:
    begun = history.begin(RUN, b"the notebook")
    assert history.find() == [begun]
    tasks = (TASK, replace(TASK, index=1))
    history.finish(replace(begun, status="failed", seconds=2.0, tasks=tasks), FACTS)
    (found,) = history.find()
    assert (found.status, found.seconds, found.tasks) == ("failed", 2.0, ())
    assert history.tasks(found) == tasks
    assert history.notebook(found) == b"the notebook"
    assert history.facts(found) == FACTS


def test_a_folder_can_be_moved_with_its_store(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    store = Store.open(tmp_path / "before" / ".nbflow")
    store.history.begin(replace(RUN, notebook=str(tmp_path / "before" / "sub" / "a.ipynb")))
    store.history.begin(replace(RUN, id="elsewhere"))
    store.close()
    (tmp_path / "before").rename(tmp_path / "after")
    store = Store.open(tmp_path / "after" / ".nbflow")
    moved = str(tmp_path / "after" / "sub" / "a.ipynb")
    assert [run.notebook for run in store.history.find()] == [moved, "/a.ipynb"]
    assert [run.id for run in store.history.find(RunFilter(notebook=moved))] == [RUN.id]
    assert store.history.going_on(moved) is None
    store.close()


def test_a_run_that_has_not_ended_has_no_tasks_and_perhaps_no_notebook(history: History) -> None:
    history.begin(RUN)
    (found,) = history.find()
    assert (history.tasks(found), history.notebook(found), history.facts(found)) == ((), None, ())


def test_a_run_that_goes_on_has_what_it_has_told_so_far(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    busy = replace(TASK, status="running", error=None, words=(output,))
    waiting = replace(busy, task="last", status="queued", words=())
    begun = history.begin(RUN)
    history.progress(replace(begun, tasks=(TASK,)))
    (seen,) = history.find()
    history.progress(replace(begun, tasks=(TASK, busy, waiting)))
    assert history.tasks(seen) == (TASK, busy, waiting)
    monkeypatch.setattr("nbflow.store.history.time.time", lambda: 8.0)
    (found,) = history.find()
    assert (found.status, found.seconds) == ("running", 7.0)
    monkeypatch.setattr(process, "birth", lambda _: "another boot:1")
    (found,) = history.find()
    assert found.status == "interrupted"
    tasks = history.tasks(found)
    assert [task.status for task in tasks] == ["failed", "cancelled", "cancelled"]
    assert tasks[1].words == (output,)


def test_a_process_that_nobody_has_waited_for_is_gone() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not process.lives(child, process.birth(child) or process.birth(os.getpid()))
    os.waitpid(child, 0)


def test_what_runs_have_in_common_is_stored_once(root: Path, history: History) -> None:
    for n in range(3):
        history.finish(history.begin(replace(RUN, id=str(n)), b"the notebook"), FACTS)
    with sqlite3.connect(root / "history.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchall() == [(2,)]
    connection.close()


def test_a_run_is_named_by_the_start_of_its_id(history: History) -> None:
    first, later = RUN, replace(RUN, id="20260102-1", notebook="/b.ipynb")
    history.begin(first)
    history.begin(later)
    assert history.named("20260102") == [later]
    assert history.named("2026") == [first, later]
    assert history.named("x") == []


def test_a_run_is_found_by_its_whole_id_though_it_begins_another(history: History) -> None:
    history.begin(RUN)
    history.begin(replace(RUN, id=RUN.id + "0"))
    assert history.named(RUN.id) == [RUN]


def test_a_run_whose_process_is_gone_was_interrupted(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.begin(replace(RUN, id="lives"))
    monkeypatch.setattr(process, "birth", lambda _: "another boot:1")
    history.begin(RUN)
    monkeypatch.undo()
    gone = replace(RUN, status="interrupted")
    assert history.find(RunFilter(status="interrupted")) == [gone]
    assert history.find(RunFilter(status="interrupted"), last=1) == [gone]
    assert [run.id for run in history.find(RunFilter(status="running"))] == ["lives"]


def test_an_altered_run_is_as_if_it_were_not_there(root: Path, history: History) -> None:
    history.finish(replace(history.begin(RUN), status="completed"))
    alter(root, "UPDATE run SET data = replace(data, 'completed', 'cancelled')")
    assert history.find() == []


@pytest.mark.parametrize("table", ["story", "document"])
def test_altered_tasks_and_notebooks_are_never_given(
    root: Path, history: History, table: str
) -> None:
    history.finish(replace(history.begin(RUN, b"the notebook"), tasks=(TASK,)))
    other = history.begin(replace(RUN, id="other"), b"another notebook")
    history.finish(other)
    alter(root, f"UPDATE {table} SET data = (SELECT data FROM {table} ORDER BY rowid DESC)")
    (run, _) = history.find()
    with pytest.raises(StoreError, match="is damaged"):
        history.tasks(run) if table == "story" else history.notebook(run)


def test_tags_and_a_note_come_with_the_run_and_go_again(history: History) -> None:
    run = history.begin(RUN)
    history.tag(run, ["good", "final"])
    history.tag(run, ["good"])
    history.annotate(run, "the best so far")
    (found,) = history.find(RunFilter(tag="good"))
    assert (found.tags, found.note) == (("final", "good"), "the best so far")
    history.finish(replace(found, status="completed"))
    assert history.find() == [replace(history.named(RUN.id)[0], tags=("final", "good"))]
    history.tag(run, ["good"], remove=True)
    history.annotate(run, "")
    assert history.find(RunFilter(tag="good")) == []
    assert (history.find()[0].tags, history.find()[0].note) == (("final",), "")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lr>0.1", "bc"),
        ("lr>=0.1", "abc"),
        ("lr=0.10", "a"),
        ("lr==1e-1", "a"),
        ("lr!=0.1", "bc"),
        ("lr<0", ""),
        ("model=ridge", "a"),
        ("model='ridge'", "a"),
        ("model!=ridge", "b"),
        ("model>m", "a"),
        ("day<2026-02-01", "a"),
        ("deep=True", "b"),
        ("layers = [1, 2]", "c"),
    ],
)
def test_runs_are_found_by_their_parameters(
    history: History, condition: str, expected: str
) -> None:
    for name, given in {
        "a": {"lr": "0.1", "model": "'ridge'", "day": "'2026-01-31'"},
        "b": {"lr": "0.3", "model": "'lasso'", "day": "'2026-03-01'", "deep": "True"},
        "c": {"lr": "1", "layers": "[1, 2]"},
    }.items():
        history.begin(replace(RUN, id=name, parameters=given))
    wanted = RunFilter(conditions=(filters.condition(condition),))
    assert "".join(run.id for run in history.find(wanted)) == expected
    assert history.count(wanted) == len(expected)


def test_filters_can_be_joined_and_the_latest_asked_for(history: History) -> None:
    for number in range(6):
        run = replace(RUN, id=str(number), started=float(number), notebook=f"/{number % 2}")
        history.finish(replace(history.begin(run), status="completed" if number else "failed"))

    def ids(wanted: RunFilter, last: int | None = None) -> str:
        return "".join(run.id for run in history.find(wanted, last))

    assert ids(RunFilter()) == "012345"
    assert ids(RunFilter(), 2) == "45"
    assert ids(RunFilter(notebook="/0")) == "024"
    assert ids(RunFilter(notebook="/0", status="completed")) == "24"
    assert ids(RunFilter(since=2.0), 3) == "345"
    assert ids(RunFilter(status="failed", since=1.0)) == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2d", 2 * 86400),
        ("12h", 12 * 3600),
        ("1.5 m", 90),
        ("1970-01-01T00:00:00+00:00", 1_000_000),
    ],
)
def test_a_moment_is_an_age_or_a_day(text: str, seconds: float) -> None:
    assert filters.since(text, 1_000_000) == 1_000_000 - seconds


@pytest.mark.parametrize("text", ["lr", "lr>", "0.1<lr", ">3", "lr~1", "a b=1", ""])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(NbflowError, match="is no condition on a parameter"):
        filters.condition(text)


@pytest.mark.parametrize("text", ["yesterday", "2d3h", "", "2026-13-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(NbflowError, match="is no moment"):
        filters.since(text, 0.0)
