"""Replays in real runs: what runs again and what does not, what is shown, what goes wrong."""

from __future__ import annotations

from pathlib import Path

import nbflow
from nbflow.driver.workers import ExecutorKind
from nbflow.results import FlowRun
from nbflow.views.outline import outline
from nbflow.views.plan import why
from nbflow.views.tasks import table
from tests.notebooks import code, notebook, step, write

CONNECT = """
import sqlite3
print('opening')
conn = sqlite3.connect('case.db')
conn.execute('create table t (x)')
conn.execute('insert into t values (7)')
conn.commit()
"""
QUERY = "x = conn.execute('select x from t').fetchone()[0]\nx"


def run(folder: Path, *steps: str, executor: ExecutorKind = "inline", **options: str) -> FlowRun:
    """Run these bodies, as steps a, b, c, …"""
    marks = [f"#| {word}\n" if word else "" for word in map(options.get, "abcd")]
    cells = [
        step(name, mark + body, cell_id=name)
        for name, body, mark in zip("abcd", steps, marks, strict=False)
    ]
    with nbflow.load(write(notebook(*cells), folder / "case.ipynb")) as flow:
        return flow.run(executor=executor)


def statuses(ran: FlowRun) -> list[str]:
    return [task.status for task in ran.tasks]


def test_a_second_run_is_cached_and_a_changed_reader_runs_alone(tmp_path: Path) -> None:
    first = run(tmp_path, CONNECT, QUERY, "y = conn.execute('select 2 * x from t').fetchone()[0]")
    assert statuses(first) == ["completed"] * 3
    assert (first["b"].x, first["c"].y) == (7, 14)
    again = run(tmp_path, CONNECT, QUERY, "y = conn.execute('select 2 * x from t').fetchone()[0]")
    assert statuses(again) == ["cached"] * 3
    other = run(tmp_path, CONNECT, QUERY, "y = conn.execute('select 3 * x from t').fetchone()[0]")
    assert statuses(other) == ["cached", "cached", "completed"]
    assert other["c"].y == 21


def test_readers_run_again_when_the_making_changes_and_only_then(tmp_path: Path) -> None:
    make = "it = iter([1, 2, 3])"
    assert statuses(run(tmp_path, make, "x = list(it)")) == ["completed"] * 2
    assert statuses(run(tmp_path, make + "  # a comment", "x = list(it)")) == ["cached"] * 2
    assert statuses(run(tmp_path, make, "x = list(it)", "y = 1")) == ["cached"] * 2 + ["completed"]
    changed = run(tmp_path, "it = iter([1, 2, 4])", "x = list(it)", "y = 1")
    assert statuses(changed) == ["completed"] * 2 + ["cached"]
    assert changed["b"].x == [1, 2, 4]
    reader = run(tmp_path, "it = iter([1, 2, 4])", "x = sum(it)", "y = 1")
    assert statuses(reader) == ["cached", "completed", "cached"]
    assert reader["b"].x == 7


def test_nothing_that_a_replay_shows_is_shown_again(tmp_path: Path) -> None:
    ran = run(tmp_path, CONNECT, QUERY)
    reader = next(task for task in ran.tasks if task.step == "b")
    assert [list(output.get("data", {}).values()) for output in ran.logged(reader)] == [["7"]]
    assert reader.replayed == ("a",)
    assert 0 < reader.replay_seconds <= reader.seconds
    assert "replayed a (" in str(table(ran.record))


def test_a_replay_leaves_files_as_they_were(tmp_path: Path) -> None:
    make = "path = 'log.txt'\nout = open(path, 'w')\nout.write('made\\n')\nout.flush()"
    append = "with open(path, 'a') as file:\n    more = file.write('more\\n')"
    ran = run(tmp_path, make, append, "n = out.name, more", executor="local")
    assert ran["c"].n == ("log.txt", 5)
    assert (tmp_path / "log.txt").read_text() == "made\nmore\n"


def test_an_error_within_a_replay_names_both_steps_and_the_line(tmp_path: Path) -> None:
    make = "import os\nit = iter([1])\nif os.path.exists('broken'):\n    1 / 0"
    (tmp_path / "now").mkdir()
    ran = run(tmp_path, make, "os.makedirs('broken')\nok = 1", "x = list(it), ok")
    assert statuses(ran) == ["completed", "completed", "failed"]
    error = ran.tasks[2].error
    assert error is not None
    assert error.message == "division by zero (replaying step `a` for `c`)"
    assert (error.number, error.line) == (1, 4)


def test_a_part_of_a_value_that_another_step_has_changed_is_named(tmp_path: Path) -> None:
    make = "import threading\nitems = []\nheld = {'lock': threading.Lock(), 'items': items}"
    ran = run(tmp_path, make, "items.append(1)", "n = len(held['items']), len(items)")
    assert statuses(ran) == ["completed", "completed", "failed"]
    error = ran.tasks[2].error
    assert error is not None
    assert "`items` is a part of `held`, and step `b`, cell [2], has changed it" in error.message


def test_what_an_iterator_goes_through_and_another_step_has_changed_is_named(
    tmp_path: Path,
) -> None:
    made = {
        "rows": ("rows = sorted([1, 2])", "it = iter(rows)", "rows.append(3)"),
        "names": ("names = list('ab')", "it = enumerate(names)", "names += 'c'"),
        "ages": ("ages = dict(a=1)", "it = (name for name in ages)", "ages['b'] = 2"),
    }
    for name, bodies in made.items():
        (folder := tmp_path / name).mkdir()
        ran = run(folder, *bodies, "x = list(it)")
        error = ran.tasks[3].error
        assert error is not None
        assert f"`{name}` is a part of `it`, and step `c`, cell [3]" in error.message


def test_what_a_method_goes_through_and_an_unseen_change_has_met_is_named(tmp_path: Path) -> None:
    make = (
        "class Shelf:\n    def __init__(self):\n        self.books = [1]\n"
        "    def put(self, book):\n        self.books.append(book)\n"
        "    def each(self):\n        yield from self.books\n"
        "shelf = Shelf()"
    )
    ran = run(tmp_path, make, "it = shelf.each()", "shelf.put(2)", "x = list(it)")
    error = ran.tasks[3].error
    assert error is not None
    assert "`shelf` is a part of `it`, and step `c`, cell [3]" in error.message


def test_what_an_iterator_goes_through_may_be_bound_anew(tmp_path: Path) -> None:
    ran = run(tmp_path, "rows = sorted([1, 2])", "it = iter(rows)", "rows = [3]", "x = list(it)")
    assert ran["d"].x == [1, 2]


def test_no_replay_refuses_and_says_what_to_do(tmp_path: Path) -> None:
    for maker, reader in (("no-replay", ""), ("", "no-replay")):
        ran = run(tmp_path, "it = iter([1])", "x = list(it)", a=maker, b=reader)
        assert statuses(ran)[-1] == "failed"
        error = ran.tasks[1].error
        assert error is not None
        assert "take `--no-replay` off" in error.message


def test_the_plan_and_the_graph_say_what_is_replayed(tmp_path: Path) -> None:
    run(tmp_path, "it = iter([1])", "x = list(it)")
    cells = [step("a", "it = iter([1])", cell_id="a"), step("b", "y = list(it)", cell_id="b")]
    with nbflow.load(write(notebook(*cells), tmp_path / "case.ipynb")) as flow:
        assert flow.plan()["b"].replays == ("a",)
        assert "It replays `a`" in str(why(flow.why("b")))
        assert [edge.replayed for edge in flow.flow.edges()] == [True]
        assert "b (replayed)" in str(outline(flow.flow))


def test_workers_replay_as_well(tmp_path: Path) -> None:
    steps = [
        step(f"q{n}", f"x{n} = conn.execute('select x + {n} from t').fetchone()[0]")
        for n in range(4)
    ]
    document = notebook(code("import sqlite3"), step("a", CONNECT), *steps)
    with nbflow.load(write(document, tmp_path / "case.ipynb")) as flow:
        ran = flow.run(workers=2)
    assert [getattr(ran[f"q{n}"], f"x{n}") for n in range(4)] == [7, 8, 9, 10]
    assert not any((tmp_path / ".nbflow" / "artifacts" / "temporary").iterdir())
