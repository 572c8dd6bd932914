"""Every option that exists is enforced, end to end, whichever way it is spelled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.driver import NotebookFlow, ProblemsError
from nbflow.results import FlowRun
from tests.driver.spellings import SPELLINGS, Spelling, spelled
from tests.notebooks import notebook, step, write

Executor: TypeAlias = Literal["local", "inline"]


class Folder:
    """A notebook in a folder of its own, rewritten and run as the test wants."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._flows: list[NotebookFlow] = []

    def flow(self, *cells: NotebookNode) -> NotebookFlow:
        write(notebook(*cells), self.path / "test.ipynb")
        flow = nbflow.load(self.path / "test.ipynb")
        self._flows.append(flow)
        return flow

    def run(self, *cells: NotebookNode, executor: Executor = "inline", **options: Any) -> FlowRun:
        return self.flow(*cells).run(executor=executor, **options)

    def close(self) -> None:
        for flow in self._flows:
            flow.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(tmp_path)
    yield folder
    folder.close()


@pytest.fixture(params=SPELLINGS)
def spelling(request: pytest.FixtureRequest) -> Spelling:
    found: Spelling = request.param
    return found


def statuses(run: FlowRun) -> dict[str, str]:
    return {task.task: task.status for task in run.tasks}


def reasons(run: FlowRun, task: str) -> list[tuple[str, str]]:
    found = next(each for each in run.tasks if each.task == task)
    return [(reason.kind, reason.subject) for reason in found.reasons]


def in_each_spelling(mark: str, body: str, options: dict[str, Any]) -> list[NotebookNode]:
    """The same step or foreach four times; ``@`` is the name of the spelling."""
    return [
        spelled(
            each,
            mark.replace("@", each),
            body.replace("@", each),
            {
                name: str(v).replace("@", each) if v is not True else v
                for name, v in options.items()
            },
        )
        for each in SPELLINGS
    ]


# --- what is read and handed on ------------------------------------------------------------------


@pytest.mark.parametrize("executor", ["local", "inline"])
def test_a_name_that_is_not_let_in_is_not_there(folder: Folder, executor: Executor) -> None:
    look = "found_@ = sorted({**globals()}.keys() & {'a', 'b'})"
    run = folder.run(
        step("load", "a = 1\nb = 2"),
        step("all", "a, b\n" + look.replace("@", "all")),
        *in_each_spelling("step @", look, {"in": "b"}),
        executor=executor,
    )
    assert run["all"].found_all == ["a", "b"]
    assert [getattr(run[each], f"found_{each}") for each in SPELLINGS] == [["b"]] * 4


def test_reading_a_name_that_is_not_let_in_is_a_name_error(
    folder: Folder, spelling: Spelling
) -> None:
    run = folder.run(
        step("load", "a = 1\nb = 2"), spelled(spelling, "step look", "c = a + b", {"in": "a"})
    )
    error = run.tasks[-1].error
    assert error is not None
    assert (error.name, "'b' is not defined" in error.message) == ("NameError", True)


def test_outputs_can_be_fewer_and_then_a_reader_is_told(folder: Folder, spelling: Spelling) -> None:
    narrow = spelled(spelling, "step load", "a = 1\nb = 2", {"out": "b"})
    assert dict(folder.run(narrow)["load"].outputs).keys() == {"b"}
    with pytest.raises(ProblemsError, match="`a` is left out by the --out of step `load`") as found:
        folder.run(narrow, step("look", "c = a"))
    assert [problem.code for problem in found.value.problems] == ["withheld"]


def test_outputs_can_be_more_than_the_source_shows(folder: Folder, spelling: Spelling) -> None:
    more = spelled(spelling, "step load", "exec('hidden = 1')\nplain = 2", {"out": "hidden plain"})
    run = folder.run(more, step("look", "c = hidden + plain"))
    assert run["look"].c == 3


def test_a_step_follows_the_steps_it_is_after(folder: Folder) -> None:
    moment = "import time\nat_@ = time.monotonic()"
    late = "import time\ntime.sleep(0.05)\nend_{0} = time.monotonic()"
    run = folder.run(
        *in_each_spelling("step @", moment, {"after": "first, other"}),
        step("first", late.format(1)),
        step("other", late.format(2)),
        executor="local",
        workers=6,
    )
    ends = max(run["first"].end_1, run["other"].end_2)
    assert all(getattr(run[each], f"at_{each}") > ends for each in SPELLINGS)


def test_a_step_after_one_that_fails_is_skipped(folder: Folder) -> None:
    run = folder.run(
        step("first", "1 / 0"), spelled("magic", "step second", "b = 1", {"after": "first"})
    )
    assert statuses(run) == {"first": "failed", "second": "skipped"}


# --- caching -------------------------------------------------------------------------------------


def test_a_step_that_is_not_cached_runs_each_time_and_below_it_early_cutoff(
    folder: Folder, spelling: Spelling
) -> None:
    cells = (
        spelled(spelling, "step again", "a = 1", {"no-cache": True}),
        step("below", "b = a"),
    )
    folder.run(*cells)
    run = folder.run(*cells)
    assert statuses(run) == {"again": "completed", "below": "cached"}
    assert reasons(run, "again") == [("not-cached", "again")]


DRAW = "import random\nimport numpy as np\ndrawn = (random.random(), float(np.random.rand()))"


def test_a_seed_gives_the_same_numbers_in_every_process(folder: Folder) -> None:
    def drawn(executor: Executor, seed: int) -> list[object]:
        cells = in_each_spelling("step @", DRAW, {"seed": seed, "out": "drawn"})
        run = folder.run(*cells, executor=executor, cache=False)
        return [run[each].drawn for each in SPELLINGS]

    first = drawn("local", 7)
    assert first == [first[0]] * 4  # the seed alone counts
    assert first == drawn("local", 7) == drawn("inline", 7)
    assert first[0] not in drawn("inline", 8)


def test_a_seed_gives_every_split_numbers_of_its_own(folder: Folder) -> None:
    # Without commas, which would split a tag in two.
    cells = in_each_spelling("foreach i in '001'", DRAW, {"seed": 7, "name": "@"})
    local = folder.run(*cells, executor="local")
    inline = folder.run(*cells, executor="inline", cache=False)
    first = local["magic"].drawn
    assert len(set(first)) == 3
    for each in SPELLINGS:
        assert first == local[each].drawn == inline[each].drawn


def test_a_seed_counts_in_the_key(folder: Folder, spelling: Spelling) -> None:
    folder.run(spelled(spelling, "step draw", "a = 1", {"seed": 7}))
    run = folder.run(spelled(spelling, "step draw", "a = 1", {"seed": 8}))
    assert reasons(run, "draw") == [("option", "seed")]


@pytest.mark.parametrize("executor", ["local", "inline"])
def test_a_variable_is_seen_by_the_step_and_its_children_and_by_no_other(
    folder: Folder, executor: Executor
) -> None:
    look = 'import os\nshell = !echo "$KEY"\nseen_@ = os.environ.get("KEY"), shell[0]'
    run = folder.run(
        *in_each_spelling("step @", look, {"env": "KEY=@"}),
        step("without", look.replace("@", "without")),
        executor=executor,
    )
    for each in SPELLINGS:
        assert getattr(run[each], f"seen_{each}") == (each, each)
    assert run["without"].seen_without == (None, "")
    assert "KEY" not in os.environ


def test_a_variable_may_hold_spaces_and_there_may_be_several(folder: Folder) -> None:
    body = "import os\nseen = os.environ['A'], os.environ['B']"
    cells = [
        spelled("magic", "step magic --env 'A=a b' --env B=", body),
        spelled("comment", "step comment", f"#| env: 'A=a b' B=\n{body}"),
        spelled("metadata", "step metadata", body),
    ]
    cells[-1].metadata["nbflow"]["env"] = {"A": "a b", "B": ""}
    run = folder.run(*cells)
    assert [run[name].seen for name in run] == [("a b", "")] * 3


def test_a_variable_counts_in_the_key(folder: Folder, spelling: Spelling) -> None:
    folder.run(spelled(spelling, "step a", "a = 1", {"env": "K=1"}))
    run = folder.run(spelled(spelling, "step a", "a = 1", {"env": "K=2"}))
    assert reasons(run, "a") == [("option", "env K")]


def test_a_declared_file_counts_by_its_content(folder: Folder, spelling: Spelling) -> None:
    cell = spelled(spelling, "step a", "a = 1", {"file": "data.csv"})
    data = folder.path / "data.csv"
    assert folder.run(cell).status == "completed"  # it may well not be there
    assert statuses(folder.run(cell)) == {"a": "cached"}
    data.write_text("1")
    assert reasons(folder.run(cell), "a") == [("file", "data.csv")]
    data.write_text("1")
    assert statuses(folder.run(cell)) == {"a": "cached"}
    data.write_text("2")
    assert reasons(folder.run(cell), "a") == [("file", "data.csv")]
    data.unlink()
    assert statuses(folder.run(cell)) == {"a": "cached"}  # as it was at first


def test_a_declared_file_may_be_one_that_the_step_writes(
    folder: Folder, spelling: Spelling
) -> None:
    body = "from pathlib import Path\nn = Path('out.txt').write_text('done')"
    cell = spelled(spelling, "step a", body, {"file": "out.txt"})
    folder.run(cell)
    folder.run(cell)
    assert statuses(folder.run(cell)) == {"a": "cached"}


# --- how it runs ---------------------------------------------------------------------------------

SPAN = """
import time
began = time.monotonic()
time.sleep(0.05)
"@"  # equal steps would share their results
span = began, time.monotonic()
"""


def most_at_once(spans: list[tuple[float, float]]) -> int:
    events = sorted([(a, 1) for a, _ in spans] + [(b, -1) for _, b in spans])
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most


def test_no_more_splits_run_at_once_than_allowed(folder: Folder) -> None:
    cells = in_each_spelling("foreach i in range(4)", SPAN, {"max-parallel": 1, "name": "@"})
    run = folder.run(*cells, executor="local", workers=8)
    assert [most_at_once(run[each].span) for each in SPELLINGS] == [1] * 4
    every = [span for each in SPELLINGS for span in run[each].span]
    assert 1 < most_at_once(every) <= 4  # each is held by itself


def test_tasks_take_as_many_workers_as_they_have_cpus(folder: Folder) -> None:
    cells = in_each_spelling("foreach i in range(2)", SPAN, {"cpus": 2, "name": "@"})
    run = folder.run(*cells, executor="local", workers=3)
    assert most_at_once([span for each in SPELLINGS for span in run[each].span]) == 1
    run = folder.run(*cells, executor="local", workers=5, cache=False)
    assert most_at_once([span for each in SPELLINGS for span in run[each].span]) == 2


def test_a_task_that_wants_more_cpus_than_there_are_runs_alone(folder: Folder) -> None:
    cells = spelled("magic", "step big", "a = 1", {"cpus": 64}), step("small", "b = 1")
    assert folder.run(*cells, executor="local", workers=2).status == "completed"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("stop", ["completed", "failed", "cancelled"]),
        ("continue", ["completed", "failed", "completed"]),
    ],
)
def test_splits_go_on_after_a_failure_or_not(
    folder: Folder, spelling: Spelling, choice: str, expected: list[str]
) -> None:
    cell = spelled(spelling, "foreach i in range(3)", "a = 1 / (i - 1)", {"on-error": choice})
    run = folder.run(cell, step("below", "b = a"), workers=1)
    assert [task.status for task in run.tasks if task.index is not None] == expected
    assert run.status == "failed"
    assert statuses(run)["below"] == "skipped"


def test_a_step_can_run_in_the_calling_process(folder: Folder) -> None:
    body = "import os\npid_@ = os.getpid()"
    run = folder.run(
        *in_each_spelling("step @", body, {"here": True}),
        step("far", body.replace("@", "far")),
        executor="local",
    )
    assert [getattr(run[each], f"pid_{each}") for each in SPELLINGS] == [os.getpid()] * 4
    assert run["far"].pid_far != os.getpid()


# --- options that are wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "option", ["if", "while", "retry", "timeout", "catch", "memory", "gpus", "lang"]
)
def test_options_of_later_versions_are_refused_by_name(
    folder: Folder, spelling: Spelling, option: str
) -> None:
    flow = folder.flow(spelled(spelling, "step a", "a = 1", {option: "1"}))
    assert [(p.code, f"`--{option}`" in p.message) for p in flow.problems] == [
        ("unsupported-option", True)
    ]


def test_an_option_that_does_not_exist_is_told_what_was_meant(
    folder: Folder, spelling: Spelling
) -> None:
    flow = folder.flow(spelled(spelling, "step a", "a = 1", {"no-cahce": True}))
    assert [(p.code, p.remedy) for p in flow.problems] == [
        ("unknown-option", "Did you mean `--no-cache`?")
    ]
