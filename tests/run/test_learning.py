"""What the scheduler does when a task changes what its source does not show it to change."""

from __future__ import annotations

from nbflow.records.task import Change
from tests.notebooks import foreach, step
from tests.run.world import artifact, world

DEFINITIONS = "class Box:\n    pass\ndef fill(box):\n    box.fill()"
CHANGED = Change("input", "box", artifact("changed"))


def test_readers_below_the_change_get_the_changed_value() -> None:
    made = world(
        DEFINITIONS,
        step("a", "box = Box()"),
        step("b", "fill(box)"),
        step("c", "n = box.n"),
        step("d", "m = n"),
        step("e", "k = 1"),
        step("f", "o = m"),
    )
    made.start()
    made.finish("a")
    assert set(made.running) == {"b", "c", "e"}
    made.finish("b", changes=(CHANGED,))
    assert made.states()["e"] == "running", "what the change does not concern goes on"
    made.finish("c")
    made.finish("e")
    assert made.states()["d"] == "waiting", "it would read what must be computed again"
    assert made.machine.done

    made.start_over()
    assert made.running["c"].inputs["box"] == artifact(("b", "box"))
    made.finish("c")
    made.finish("d")
    made.finish("f")
    assert made.machine.status == "completed"
    assert not made.machine.starts_over


def test_what_runs_with_an_older_value_may_wait_for_ever_and_is_ended() -> None:
    steps = [step(name, "n = box.n") for name in "cd"]
    made = world(DEFINITIONS, step("a", "box = Box()"), step("b", "fill(box)"), *steps, workers=2)
    made.start()
    made.finish("a")
    assert set(made.running) == {"b", "c"}
    made.finish("b", changes=(CHANGED,))
    assert made.killed == ["c"]
    assert made.states()["d"] == "waiting", "it would begin with the older value, too"
    made.fail("c")
    assert made.states()["c"] == "waiting", "it has not failed"
    made.start_over()
    assert {made.running[name].inputs["box"] for name in "cd"} == {artifact(("b", "box"))}


def test_what_waits_for_a_lost_result_that_the_change_concerns_waits_for_the_new_start() -> None:
    made = world(
        DEFINITIONS,
        step("a", "box = Box()"),
        step("b", "fill(box)"),
        step("c", "n = box.n"),
        step("d", "m = n"),
    )
    made.start()
    made.finish("a")
    made.finish("c")
    made.finish("b", changes=(CHANGED,))
    made.corrupt("d", artifact(("c", "n")))
    assert made.machine.done
    made.start_over()
    made.finish("c")
    made.finish("d")
    assert made.machine.status == "completed"


def test_readers_above_the_change_keep_their_value() -> None:
    made = world(
        DEFINITIONS,
        step("a", "box = Box()"),
        step("above", "n = box.n"),
        step("b", "fill(box)"),
    )
    made.start()
    made.finish("a")
    made.finish("b", changes=(CHANGED,))
    made.finish("above")
    made.start_over()
    assert made.machine.status == "completed"
    assert made.started.count("above") == 1


def test_what_is_known_already_starts_nothing_over() -> None:
    made = world(
        DEFINITIONS,
        step("a", "box = Box()"),
        step("b", "fill(box)"),
    )
    made.start()
    made.finish("a")
    made.finish("b", changes=(CHANGED,))
    made.start_over()
    assert made.machine.done
    assert not made.machine.starts_over


def test_a_change_by_one_split_reaches_no_other_and_starts_nothing_over() -> None:
    made = world(
        DEFINITIONS,
        step("a", "box = Box()"),
        foreach("x in range(2)", "y = fill(box)"),
    )
    made.items = {"y": [0, 1]}
    made.start()
    made.finish("a")
    made.finish("y[]")
    made.finish("y[0]", changes=(CHANGED,))
    assert not made.machine.starts_over


def test_a_step_that_asks_for_a_name_unseen_gets_it_when_it_runs_again() -> None:
    made = world(step("a", "x = 1"), step("b", "exec('y = ' + chr(120))"), step("c", "z = y"))
    made.start()
    made.fail("b", unbound="x")
    made.finish("a")
    made.start_over()
    made.finish("b")
    assert made.running["c"].inputs["y"] == artifact(("b", "y"))
    made.finish("c")
    assert made.machine.status == "completed"


def test_a_step_whose_display_lacks_a_name_gets_it_when_it_runs_again() -> None:
    made = world(step("a", "x = 1"), step("b", "print('x')"), step("c", "x = 2"))
    made.start()
    made.finish("b", changes=(Change("asks", "x"), Change("asks", "nowhere")))
    made.finish("a")
    made.finish("c")
    made.start_over()
    assert made.running["b"].inputs["x"] == artifact(("a", "x"))
    made.finish("b", changes=(Change("asks", "nowhere"),))
    assert not made.machine.starts_over


def test_a_name_that_nobody_has_is_an_error_at_once() -> None:
    made = world(step("a", "x = 1"), step("b", "exec('y' + ' = nowhere')"))
    made.start()
    made.fail("b", unbound="nowhere")
    made.finish("a")
    assert not made.machine.starts_over
    assert made.machine.status == "failed"


def test_draws_and_a_seed_found_in_one_run_are_wired_in_the_next() -> None:
    made = world(
        "from numpy import random as r", step("a", "r.seed(1)"), step("b", "x = r.rand()"), "c = 1"
    )
    made.start()
    made.finish("b", changes=(Change("draws", "numpy.random"),))
    assert not made.machine.starts_over, "nobody is known to have seeded it"
    made.finish("a", changes=(Change("ambient", "numpy.random", artifact("seeded")),))
    assert made.machine.starts_over
    made.start_over()
    assert made.running["b"].inputs["numpy.random"] == artifact(("a", "numpy.random"))
