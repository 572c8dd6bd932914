"""The scheduler, fed with lists: no process, no clock, no store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nbflow.records.task import Uncarried
from nbflow.run.tasks import (
    Cancel,
)
from tests.notebooks import code, foreach, step
from tests.run.world import World, artifact, world


@pytest.fixture
def diamond() -> Iterator[World]:
    made = world(step("a", "a = 1"), step("b", "b = a"), step("c", "c = a"), step("d", "d = b + c"))
    made.start()
    yield made
    made.machine.validate()


def test_branches_start_together_and_the_join_waits_for_both(diamond: World) -> None:
    assert diamond.started == ["a"]
    diamond.finish("a")
    assert diamond.started == ["a", "b", "c"]
    diamond.finish("b")
    assert diamond.started == ["a", "b", "c"]
    diamond.finish("c")
    diamond.finish("d")
    assert diamond.machine.done
    assert diamond.machine.status == "completed"


def test_a_failure_stops_only_what_is_below_it(diamond: World) -> None:
    diamond.finish("a")
    diamond.fail("b")
    diamond.finish("c")
    assert diamond.states() == {"a": "completed", "b": "failed", "c": "completed", "d": "skipped"}
    assert diamond.machine.done
    assert diamond.machine.status == "failed"


def test_cached_tasks_start_no_worker() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"))
    made.cached = {"a", "b"}
    made.start()
    assert made.started == []
    assert made.machine.done
    assert made.machine.status == "completed"


def test_only_the_wanted_steps_and_those_above_run() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"), step("c", "c = a"), targets=("b",))
    made.start()
    made.finish_all()
    assert made.started == ["a", "b"]


def test_no_more_tasks_run_than_workers() -> None:
    made = world(*(step(f"s{i}", f"x{i} = 1") for i in range(5)), workers=2)
    made.start()
    assert made.started == ["s0", "s1"]
    made.finish("s1")
    assert made.started == ["s0", "s1", "s2"]


def test_the_longest_path_starts_first() -> None:
    made = world(step("short", "a = 1"), step("long", "b = 1"), step("more", "c = b"), workers=1)
    made.start()
    made.finish_all()
    assert made.started == ["long", "short", "more"]


def test_a_step_takes_as_many_workers_as_its_cpus() -> None:
    wide = code("a = 1", "step:wide")
    wide.metadata["nbflow"] = {"cpus": 2}
    made = world(wide, step("b", "b = 1"), workers=2)
    made.start()
    assert made.started == ["wide"]
    made.finish("wide")
    assert made.started == ["wide", "b"]


def test_a_foreach_runs_its_clause_then_its_splits_and_joins_them() -> None:
    made = world(foreach("x in range(2)", "y = x"), step("b", "b = y"))
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    assert made.started == ["y[]", "y[0]", "y[1]"]
    made.finish("y[1]")
    made.finish("y[0]")
    assert made.started[-1] == "b"
    assert made.running["b"].inputs["y"].summary == "list[2]"


def test_an_empty_foreach_gives_an_empty_list() -> None:
    made = world(foreach("x in []", "y = x"), foreach("a in y", "z = a"), step("b", "b = y, z"))
    made.start()
    made.finish("y[]")
    assert {n: a.summary for n, a in made.running["b"].inputs.items()} == {
        "y": "list[0]",
        "z": "list[0]",
    }


def test_a_chain_of_foreachs_goes_element_by_element() -> None:
    made = world(foreach("x in range(2)", "y = x"), foreach("a in y", "z = a"), workers=1)
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.finish("y[0]")
    made.finish("y[1]")
    assert set(made.states()) == {"y[]", "y[0]", "y[1]", "z[]", "z[0]", "z[1]"}
    made.finish_all()
    assert made.machine.status == "completed"


def test_a_chain_of_foreachs_that_is_current_says_so_of_each_task() -> None:
    made = world(foreach("x in range(2)", "y = x"), foreach("a in y", "z = a"))
    made.items = {"y": [1, 2]}
    made.cached = {"y[]", "y[0]", "y[1]", "z[0]", "z[1]"}
    made.start()
    assert made.states() == dict.fromkeys(("y[]", "y[0]", "y[1]", "z[]", "z[0]", "z[1]"), "cached")


def test_an_element_does_not_wait_for_the_others_of_its_source() -> None:
    made = world(foreach("x in range(2)", "y = x"), foreach("a in y", "z = a"))
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.finish("y[1]")
    assert made.started[-1] == "z[1]"
    assert "y[0]" in made.running


def test_a_failed_split_starts_no_more_and_what_is_below_is_skipped() -> None:
    made = world(foreach("x in [1]*4", "y = x"), step("b", "b = y"), workers=2)
    made.items = {"y": [1, 2, 3, 4]}
    made.start()
    made.finish("y[]")
    made.fail("y[0]")
    assert list(made.running) == ["y[1]"]
    made.finish("y[1]")
    assert made.states() == {
        "b": "skipped",
        "y[]": "completed",
        "y[0]": "failed",
        "y[1]": "completed",
        "y[2]": "cancelled",
        "y[3]": "cancelled",
    }


def test_on_error_continue_runs_every_split() -> None:
    node = foreach("x in [1]*4", "y = x")
    node.metadata["nbflow"] = {"foreach": "x in range(4)", "on-error": "continue"}
    made = world(node, workers=1)
    made.items = {"y": [1, 2, 3, 4]}
    made.start()
    made.finish("y[]")
    made.fail("y[0]")
    made.finish_all()
    assert made.started == ["y[]", "y[0]", "y[1]", "y[2]", "y[3]"]
    assert made.machine.status == "failed"


def test_max_parallel_holds_splits_back() -> None:
    node = foreach("x in [1]*4", "y = x")
    node.metadata["nbflow"] = {"foreach": "x in range(4)", "max-parallel": 2}
    made = world(node)
    made.items = {"y": [1, 2, 3, 4]}
    made.start()
    made.finish("y[]")
    assert list(made.running) == ["y[0]", "y[1]"]
    made.finish("y[0]")
    assert list(made.running) == ["y[1]", "y[2]"]
    made.finish_all()
    assert made.machine.status == "completed"


def test_equal_items_have_keys_of_their_own() -> None:
    made = world(foreach("x in range(2)", "y = x"))
    made.items = {"y": [1, 1]}
    made.start()
    made.finish("y[]")
    assert made.running["y[0]"].key != made.running["y[1]"].key


def test_a_name_left_unbound_falls_back_to_the_older_version() -> None:
    made = world(
        step("a", "x = 1"),
        step("b", "import random\nif random.random() > 2:\n    x = 2"),
        step("c", "y = x"),
    )
    made.start()
    assert made.started == ["a", "b"]
    made.finish("b", outputs={}, absent=("x",))
    made.finish("a")
    assert made.running["c"].inputs["x"] == artifact(("a", "x"))


def test_an_uncarried_value_fails_its_reader_where_a_replay_is_refused() -> None:
    made = world(step("a", "conn = open('f')"), step("b --no-replay", "y = conn.read()"))
    made.start()
    lost = Uncarried("conn", "conn", "TextIOWrapper", "it is an open file")
    made.finish("a", outputs={}, uncarried=(lost,))
    assert made.states() == {"a": "completed", "b": "failed"}
    error = made.machine.tasks["b"].error
    assert error is not None
    assert "`conn` of step `a`, cell [1]" in error.message
    assert "one step" in error.message
    assert "take `--no-replay` off" in error.message


def test_cancelling_kills_what_runs_and_starts_nothing() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"))
    made.start()
    made.obey(made.machine.handle(Cancel()))
    assert made.killed == ["a"]
    made.fail("a")
    assert made.states() == {"a": "cancelled", "b": "cancelled"}
    assert made.machine.status == "cancelled"


def test_after_orders_steps_that_share_no_name() -> None:
    last = code("b = 1", "step:b")
    last.metadata["nbflow"] = {"after": ["a"]}
    made = world(step("a", "a = 1"), last)
    made.start()
    assert made.started == ["a"]
    made.fail("a")
    assert made.states()["b"] == "skipped"


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["finish", "fail"])
def test_a_chain_of_5000_steps_needs_no_deep_recursion(ends: str) -> None:
    made = world(step("s0", "x0 = 1"), *(step(f"s{i}", f"x{i} = x{i - 1}") for i in range(1, 5000)))
    made.start()
    getattr(made, ends)("s0")
    assert made.machine.done == (ends == "fail")


def test_an_illegal_move_tells_the_tasks_story() -> None:
    made = world(step("a", "a = 1"))
    made.start()
    made.finish("a")
    with pytest.raises(AssertionError, match="waiting → deciding → ready → running → completed ↛"):
        made.machine._move(made.machine.tasks["a"], "running")
