"""What a run does when results were lost from the store, on the pure machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nbflow.run.tasks import (
    Cancel,
)
from tests.notebooks import foreach, step
from tests.run.world import World, artifact, world


@pytest.fixture
def diamond() -> Iterator[World]:
    made = world(step("a", "a = 1"), step("b", "b = a"), step("c", "c = a"), step("d", "d = b + c"))
    made.start()
    yield made
    made.machine.validate()


def test_what_made_a_lost_result_runs_again_and_its_reader_waits(diamond: World) -> None:
    diamond.finish("a")
    diamond.finish("c")
    diamond.corrupt("b", artifact(("a", "a")))
    assert diamond.started == ["a", "b", "c", "a"]
    assert diamond.states() == {"a": "running", "b": "waiting", "c": "completed", "d": "waiting"}
    diamond.finish("a")
    diamond.finish("b")
    diamond.finish("d")
    assert diamond.started == ["a", "b", "c", "a", "b", "d"]
    assert diamond.machine.status == "completed"


def test_a_cached_result_that_was_lost_is_decided_anew() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"), step("c", "c = b"))
    made.cached = {"a", "b"}
    made.start()
    made.corrupt("c", artifact(("b", "b")))
    assert made.started == ["c", "b"]
    made.corrupt("b", artifact(("a", "a")))
    assert made.started == ["c", "b", "a"]
    made.finish_all()
    assert made.started == ["c", "b", "a", "b", "c"]
    assert made.machine.status == "completed"


def test_readers_wait_for_all_that_they_miss_and_for_one_run_of_it() -> None:
    made = world(step("a", "a = 1"), step("b", "b = 1"), step("c", "c = a + b"), step("d", "d = a"))
    made.start()
    made.finish("a")
    made.finish("b")
    made.corrupt("c", artifact(("a", "a")), artifact(("b", "b")))
    made.corrupt("d", artifact(("a", "a")))
    assert sorted(made.running) == ["a", "b"]
    made.finish("a")
    assert sorted(made.running) == ["b", "d"]
    made.finish("b")
    assert sorted(made.running) == ["c", "d"]


def test_a_result_that_is_lost_again_and_again_fails_its_reader() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"))
    made.start()
    made.finish("a")
    for _ in range(2):
        made.corrupt("b", artifact(("a", "a")))
        made.finish("a")
    made.corrupt("b", artifact(("a", "a")))
    assert made.states() == {"a": "completed", "b": "failed"}
    error = made.machine.tasks["b"].error
    assert error is not None
    assert "Check the disk" in error.message
    assert made.machine.done


def test_what_nobody_in_the_run_made_cannot_be_made_again() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"))
    made.start()
    made.finish("a")
    made.corrupt("b", artifact("a parameter"))
    assert made.states() == {"a": "completed", "b": "failed"}


def test_a_failure_to_make_it_again_skips_its_readers() -> None:
    made = world(step("a", "a = 1"), step("b", "b = a"), step("c", "c = b"))
    made.start()
    made.finish("a")
    made.corrupt("b", artifact(("a", "a")))
    made.fail("a")
    assert made.states() == {"a": "failed", "b": "skipped", "c": "skipped"}
    assert made.machine.status == "failed"
    assert made.machine.done


def test_a_lost_item_runs_the_clause_again_and_no_other_split() -> None:
    made = world(foreach("x in range(2)", "y = x"), step("b", "b = y"))
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.corrupt("y[1]", artifact(2))
    assert made.started == ["y[]", "y[0]", "y[1]", "y[]"]
    made.finish("y[0]")
    made.finish("y[]")
    made.finish("y[1]")
    made.finish("b")
    assert made.started == ["y[]", "y[0]", "y[1]", "y[]", "y[1]", "b"]
    assert made.machine.status == "completed"


def test_a_lost_split_runs_again_for_the_join() -> None:
    made = world(foreach("x in range(3)", "y = x"), foreach("a in y", "z = a"), step("b", "b = y"))
    made.items = {"y": [1, 2, 3]}
    made.cached = {"y[]", "y[0]", "y[1]", "y[2]", "z[0]", "z[1]", "z[2]"}
    made.start()
    made.corrupt("b", artifact(("y[1]", "y")), artifact(("y[2]", "y")))
    assert made.started == ["b", "y[1]", "y[2]"]
    made.finish_all()
    assert made.started == ["b", "y[1]", "y[2]", "b"]
    assert made.machine.status == "completed"


def test_a_lost_split_runs_again_for_its_follower() -> None:
    made = world(foreach("x in range(2)", "y = x"), foreach("a in y", "z = a"), workers=2)
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.finish("y[0]")
    made.corrupt("z[0]", artifact(("y[0]", "y")))
    assert sorted(made.running) == ["y[0]", "y[1]"]
    made.finish_all()
    assert made.started.count("y[0]") == 2
    assert made.started.count("z[0]") == 2
    assert made.machine.status == "completed"


def test_a_split_that_fails_when_made_again_takes_its_foreach_along() -> None:
    made = world(foreach("x in range(2)", "y = x"), step("b", "b = y"), step("c", "c = b"))
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.finish("y[0]")
    made.finish("y[1]")
    made.corrupt("b", artifact(("y[0]", "y")))
    made.fail("y[0]")
    assert made.states()["b"] == made.states()["c"] == "skipped"
    assert made.machine.status == "failed"
    assert made.machine.done


def test_a_lost_list_of_splits_is_stored_again() -> None:
    made = world(foreach("x in range(2)", "y = x"), step("b", "b = y"))
    made.items = {"y": [1, 2]}
    made.start()
    made.finish("y[]")
    made.finish("y[0]")
    made.finish("y[1]")
    joined = made.running["b"].inputs["y"]
    made.corrupt("b", joined)
    assert made.kept == [joined.digest] * 2
    assert made.started.count("b") == 2
    assert made.started.count("y[0]") == 1


def test_a_run_starts_over_when_what_was_lost_comes_back_as_another_value(diamond: World) -> None:
    diamond.finish("a")
    diamond.finish("c")
    diamond.corrupt("b", artifact(("a", "a")))
    diamond.finish("a", outputs={"a": artifact("another")})
    assert diamond.machine.starts_over
    assert diamond.machine.done
    again = World(diamond.machine.afresh(), cached={"a"})
    again.start()
    assert sorted(again.running) == ["b", "c"]
    again.finish_all()
    assert again.machine.status == "completed"
    assert {run.task: run.status for run in again.machine.runs()} == {
        "a": "completed",
        "b": "completed",
        "c": "completed",
        "d": "completed",
    }


def test_cancelling_ends_what_waits_for_a_lost_result(diamond: World) -> None:
    diamond.finish("a")
    diamond.corrupt("b", artifact(("a", "a")))
    diamond.obey(diamond.machine.handle(Cancel()))
    assert sorted(diamond.killed) == ["a", "c"]
    diamond.fail("a")
    diamond.fail("c")
    assert set(diamond.states().values()) == {"cancelled"}
    assert diamond.machine.done


def test_max_parallel_still_holds_when_splits_run_again() -> None:
    node = foreach("x in range(4)", "y = x")
    node.metadata["nbflow"] = {"foreach": "x in range(4)", "max-parallel": 1}
    made = world(node, step("b", "b = y"))
    made.items = {"y": [1, 2, 3, 4]}
    made.start()
    made.finish("y[]")
    for index in range(4):
        made.finish(f"y[{index}]")
    made.corrupt("b", artifact(("y[0]", "y")), artifact(("y[3]", "y")))
    assert list(made.running) == ["y[0]"]
    made.finish_all()
    assert made.machine.status == "completed"
