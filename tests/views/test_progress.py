"""Progress is a few lines on a terminal, and one line a task elsewhere."""

from __future__ import annotations

import io

import click

from nbflow.driver import StartedOver, TaskChanged
from nbflow.records.lesson import Lesson
from nbflow.records.task import Status
from nbflow.views.page import page
from nbflow.views.progress import Board, Lines, line, progress
from tests.views.samples import ERROR, task


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_pipe_each_task_that_ran_gives_one_plain_line_when_it_ends() -> None:
    stream = io.StringIO()
    with progress(stream) as show:
        show(TaskChanged(task("load", "queued")))
        show(TaskChanged(task("load", "running")))
        show(TaskChanged(task("load", "completed", 0.02)))
        show(TaskChanged(task("primes[]", "completed", 0.01)))
        show(TaskChanged(task("primes[0]", "cached")))
        show(TaskChanged(task("primes[1]", "failed", 1.5, error=ERROR)))
        show(TaskChanged(task("report", "skipped")))
    assert stream.getvalue().splitlines() == [
        "✔ load completed in 0.02 s",
        "✘ primes[1] failed in 1.50 s · ZeroDivisionError: division by zero",
        "○ report skipped",
    ]


def test_splits_that_end_faster_than_anyone_reads_share_a_line() -> None:
    now = 0.0
    lines = Lines(lambda: now)

    def told(name: str, *statuses: Status) -> list[str]:
        shown = [lines.show(task(name, status, 0.02)) for status in statuses]
        return page(*[each for some in shown for each in some]).plain().splitlines()

    for index in range(1_000):
        assert told(f"primes[{index}]", "queued") == []
    for index in range(990):
        assert told(f"primes[{index}]", "running", "completed") == []
    assert told("primes[990]", "cached") == []
    now = 1.0
    assert told("primes[991]", "completed") == ["✔ primes: 992 of 1000 splits done"]
    assert told("primes[992]", "completed") == []
    now = 2.0
    assert told("primes[993]", "completed") == ["✔ primes: 994 of 1000 splits done"]
    now = 4.0  # slow ones are named
    assert told("primes[994]", "completed") == ["✔ primes[994] completed in 0.02 s"]
    assert told("primes[995]", "completed") == []
    assert told("primes[996]", "completed") == []
    # What comes after them is told after them.
    assert told("report", "completed") == [
        "✔ primes: 997 of 1000 splits done",
        "✔ report completed in 0.02 s",
    ]
    assert lines.rest() == []


def test_the_first_splits_that_fail_have_lines_of_their_own_at_once() -> None:
    lines = Lines(lambda: 0.0)
    lines.show(task("primes[0]"))
    failed = [
        page(each).plain().split(" ·")[0]
        for index in range(1, 30)
        for each in lines.show(task(f"primes[{index}]", "failed", 0.1, error=ERROR))
    ]
    assert failed == [
        "✔ primes[0] completed in 0.00 s",
        *(f"✘ primes[{index}] failed in 0.10 s" for index in range(1, 11)),
    ]
    lines.show(task("primes[30]", "cancelled"))
    assert page(*lines.rest()).plain().splitlines() == [
        "✘ primes: 19 splits failed",
        "■ primes[30] cancelled",
    ]


def test_what_was_not_told_yet_is_told_at_the_end() -> None:
    stream = io.StringIO()
    with progress(stream) as show:
        for index in range(12):
            show(TaskChanged(task(f"primes[{index}]")))
    assert stream.getvalue().splitlines() == ["✔ primes: 12 of 12 splits done"]


def test_splits_of_a_run_that_starts_over_are_counted_anew() -> None:
    stream = io.StringIO()
    with progress(stream) as show:
        for _ in range(2):
            for index in range(3):
                show(TaskChanged(task(f"primes[{index}]", "queued")))
            for index in range(2):
                show(TaskChanged(task(f"primes[{index}]")))
            show(StartedOver({}))
    assert stream.getvalue().splitlines() == ["✔ primes: 2 of 3 splits done"] * 2


def test_what_makes_the_run_start_over_is_told() -> None:
    leaves = frozenset({"matplotlib.rcParams"})
    for stream in (io.StringIO(), Terminal()):
        with progress(stream) as show:
            show(StartedOver({"style": Lesson(leaves=leaves)}))
        assert "↻ style changes matplotlib.rcParams" in click.unstyle(stream.getvalue())


def test_a_clause_that_fails_is_told() -> None:
    stream = io.StringIO()
    with progress(stream) as show:
        show(TaskChanged(task("primes[]", "failed", 0.1, error=ERROR)))
    assert stream.getvalue().startswith("✘ primes[] failed")


def test_the_board_shows_what_runs_and_counts_the_rest() -> None:
    clock = iter([10.0, 11.0, 12.5])
    board = Board(lambda: next(clock))
    board.show(task("load", "completed"))
    board.show(task("primes[]", "running"))
    board.show(task("primes[]", "completed"))
    board.show(task("primes[0]", "completed"))
    board.show(task("primes[1]", "running"))
    board.show(task("primes[2]", "queued"))
    assert board.page().plain().splitlines() == [
        "  ▸ primes  2.50 s  1 of 3 done, 1 running",
        "  2 of 4 tasks",
    ]


def test_the_board_names_eight_steps_and_counts_the_others() -> None:
    board = Board(lambda: 0.0)
    for number in range(11):
        board.show(task(f"step_{number}", "running"))
    told = board.page().plain().splitlines()
    assert len(told) == 10
    assert told[-2:] == ["    and 3 more steps", "  0 of 11 tasks"]


def test_a_terminal_is_left_as_it_was() -> None:
    stream = Terminal()
    with progress(stream) as show:
        show(TaskChanged(task("load", "running")))
    # The cursor is shown again, and the last thing done to the line is to erase it.
    assert stream.getvalue().rstrip().endswith(("\x1b[2K", "\x1b[?25h"))


def test_a_line_fits_whatever_the_error_says() -> None:
    failed = task("load", "failed", error=ERROR)
    assert len(page(line(failed)).plain()) <= 80
