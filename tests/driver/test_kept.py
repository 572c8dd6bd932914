"""What may be accepted and verified of a notebook's results, and what the flow is afterwards."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.driver import kept
from nbflow.driver.notebook_flow import NotebookFlow
from nbflow.errors import FlowError
from nbflow.plan import Call
from nbflow.records.message import Failed
from nbflow.records.task import TaskRecord
from nbflow.run.again import Again, Done
from nbflow.run.files import FilesInPlace
from nbflow.store.collecting import collect
from tests.notebooks import code, notebook, parameters, step, write


def put(folder: Path, *cells: NotebookNode) -> NotebookFlow:
    return nbflow.load(write(notebook(*cells), folder / "flow.ipynb"))


# --- accept ---

STEP = step("a", "item = 3\nx = item + 1", cell_id="a")
PLAIN = step("a", "i = 3\nx = i + 1", cell_id="a")
MARKED = code("%%foreach item in [1, 2, 3] --name a\nx = item + 1", cell_id="a")
BECOMES = {
    "a step a foreach": (STEP, MARKED, "it was not a foreach then"),
    "a foreach a step": (MARKED, PLAIN, "it was a foreach then"),
    "a step that gives nothing a foreach": (
        step("a", "print(1)", cell_id="a"),
        code("%%foreach item in [1, 2, 3] --name a\nprint(item)", cell_id="a"),
        "it was not a foreach then",
    ),
    "a foreach of nothing a step that gives nothing": (
        code("%%foreach item in [] --name a\nprint(item)", cell_id="a"),
        step("a", "print(1)", cell_id="a"),
        "it was a foreach then",
    ),
}


@pytest.mark.parametrize("case", BECOMES)
def test_a_result_of_another_kind_of_step_is_refused(tmp_path: Path, case: str) -> None:
    before, after, why = BECOMES[case]
    with put(tmp_path, before) as flow:
        flow.run(executor="inline")
    with put(tmp_path, after) as flow:
        with pytest.raises(FlowError, match=f"does not fit what it has become: {why}"):
            flow.accept("a", "no harm")
        assert flow.plan()["a"].verdict == "run"


def test_the_flow_is_what_it_was_once_it_has_refused(tmp_path: Path) -> None:
    read = "from pathlib import Path\nname = 'f' + '.txt'\n"
    (tmp_path / "f.txt").write_text("1")
    with put(tmp_path, step("a", f"{read}a = Path(name).read_text()", cell_id="a")) as flow:
        flow.run(executor="inline")
    with put(tmp_path, step("a", f"{read}a = b = Path(name).read_text()", cell_id="a")) as flow:
        before = flow.flow
        with pytest.raises(FlowError, match="it has no `b`"):
            flow.accept("a", "no harm")
        assert flow.flow is before
        assert flow.plan()["a"].verdict == "run"


# --- forget ---


def test_all_that_a_flow_ever_had_is_forgotten(tmp_path: Path) -> None:
    with put(tmp_path, step("a", "x = 1"), step("b", "y = 1")) as flow:
        flow.run(executor="inline")
        with flow.store.writing() as connection:
            connection.execute("UPDATE run SET signature = x'00'")  # no run tells of it
    with put(tmp_path, step("a", "x = 1", cell_id=next(iter(flow.flow.steps)))) as flow:
        assert flow.forget() == 2
        assert flow.forget() == 0


# --- verify ---


def test_a_parameter_is_there_again_after_it_was_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Beside(Again):
        def run(self, tasks: Iterable[tuple[Call, TaskRecord]]) -> Generator[Done, None, None]:
            # Nor does what is collected while it is verified take anything away.
            assert collect(self.store, time.time(), 0, 0).live == ("flow",)
            return super().run(tasks)

    monkeypatch.setattr(kept, "Again", Beside)
    cells = parameters("n: int = 1"), step("a", "x = n + 1"), step("b", "y = x")
    with put(tmp_path, *cells) as flow:
        flow.run(executor="inline", n=2)
        collect(flow.store, time.time())
        found = flow.verify(every=True, parameters={"n": 2})
        assert [each.outcome for each in found.steps] == ["same", "same"]
        assert collect(flow.store, time.time()).live == ()


@pytest.mark.parametrize("size", [1, 100_000])
def test_what_could_not_begin_is_no_doubt_about_its_step(tmp_path: Path, size: int) -> None:
    with put(tmp_path, step("a", f"x = 'a' * {size}"), step("b", "y = len(x)")) as flow:
        flow.run(executor="inline")
        (made,) = flow.runs()
        digest = made.record.tasks[0].outputs["x"].digest
        if size == 1:
            with flow.store.writing() as connection:
                connection.execute(
                    "UPDATE content SET data = ? WHERE digest = ?", (b"b", bytes.fromhex(digest))
                )
        else:
            file = flow.store.artifacts.path(digest)
            content = file.read_bytes()
            file.chmod(0o600)
            file.write_bytes(b"b" + content[1:])
        (found,) = flow.verify("b").steps
        assert (found.outcome, found.tasks, found.differences) == ("skipped", 0, ())
        assert found.why.startswith("b could not begin: ")
        assert not flow.store.verifications.doubts("flow")
        assert not flow.store.verifications.passed("flow")
        assert [step.verdict for step in flow.plan()] == ["run", "unknown"]  # it is put aside


def test_what_was_verified_is_one_result_and_no_other_of_the_same_source(tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    cells = code("from pathlib import Path"), step("a", "x = Path('f.txt').read_text()")
    with put(tmp_path, *cells) as flow:

        def outcome(text: str) -> str:
            file.write_text(text)
            flow.run(executor="inline")
            (found,) = flow.verify().steps
            return found.outcome

        assert [outcome("one"), outcome("one"), outcome("two")] == ["same", "skipped", "same"]
        flow.run(executor="inline", cache=False)
        assert [outcome("two"), outcome("two")] == ["same", "skipped"]


def test_the_first_task_that_fits_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Telling(Again):
        def _start(self, call: Call, record: TaskRecord) -> Failed | None:
            started.append(call.task)
            return Again._start(self, call, record)

    monkeypatch.setattr(kept, "Again", Telling)
    several = code("%%foreach i in [1, 2] --max-parallel 1 --name y\ny = i")
    cells = several, step("b", "z = 1")
    with put(tmp_path, *cells) as flow:
        flow.run(executor="inline")
        assert flow.verify(workers=3).passed
    assert started == ["y[]", "b", "y[0]", "y[1]"]


def test_what_still_runs_is_ended_before_its_files_are_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    class Interrupted(Again):
        def _next(self) -> Done | None:
            raise KeyboardInterrupt

    monkeypatch.setattr(kept, "Again", Interrupted)
    with put(tmp_path, step("a", "x = 1")) as flow:
        flow.run(executor="inline")
        monkeypatch.setattr(flow._workers, "close", lambda: events.append("ended"))
        monkeypatch.setattr(FilesInPlace, "finish", lambda *_: events.append("files"))
        with pytest.raises(KeyboardInterrupt):
            flow.verify()
        assert events[:2] == ["ended", "files"]
        monkeypatch.undo()
        assert flow.verify().passed
