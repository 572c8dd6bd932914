"""Which steps are to be carried out again, and when: values that cannot be carried."""

from __future__ import annotations

from msgspec.structs import replace

from nbflow.plan.replay import long_replay
from nbflow.records.task import Change, Fact, Uncarried
from tests.notebooks import code, foreach, step
from tests.run.world import World, artifact, world

MAKER = "def f():\n    yield from range(9)"


def lost(*names: str) -> tuple[Uncarried, ...]:
    return tuple(Uncarried(name, name, "generator", "it is halfway through") for name in names)


def replayed(made: World, task: str) -> list[str]:
    return [replay.step.name for replay in made.running[task].replays]


def begun(*bodies: str, first: str = "gen = f()") -> World:
    """A world in which step ``a`` has made a generator, with steps ``b``, ``c``, … below it."""
    steps = [step(name, body) for name, body in zip("bcdef", bodies, strict=False)]
    made = world(code(MAKER, cell_id="m"), step("a", first), *steps)
    made.start()
    made.finish("a", outputs={}, uncarried=lost("gen"))
    return made


def key(made: World, task: str) -> str:
    return made.running[task].key


def test_the_maker_is_replayed_for_each_reader() -> None:
    made = begun("x = gen", "y = gen, x")
    assert replayed(made, "b") == ["a"]
    assert made.running["b"].replayed == ("gen",)
    made.finish("b")
    assert replayed(made, "c") == ["a"]
    assert made.running["c"].inputs == {"x": artifact(("b", "x"))}
    made.finish("c")
    assert made.machine.status == "completed"


def test_readers_of_one_version_run_at_once() -> None:
    made = begun("x = gen", "y = gen", "z = gen")
    assert set(made.running) == {"b", "c", "d"}


def test_what_changed_the_value_is_replayed_as_well_once_it_is_known() -> None:
    made = begun("x = sum(gen)", "y = gen")
    change = Change("input", "gen", None)
    made.finish("b", changes=(change,))
    made.finish("c")
    made.start_over()
    assert replayed(made, "c") == ["a", "b"]
    made.finish("c")
    assert made.machine.status == "completed"
    assert not made.machine.starts_over


def test_a_value_made_of_another_replays_both_in_document_order() -> None:
    made = begun("other = map(str, gen)", "x = other")
    made.finish("b", outputs={}, uncarried=lost("other"))
    assert replayed(made, "c") == ["a", "b"]
    assert made.running["c"].replayed == ("other",)


def test_names_that_code_inside_the_value_reads_are_inputs_of_the_reader() -> None:
    made = world(code(MAKER), step("k", "known = 1"), step("a", "gen = f()"), step("b", "x = gen"))
    made.start()
    made.finish("k")
    made.finish("a", outputs={}, uncarried=(replace(lost("gen")[0], free=("known", "f")),))
    assert made.running["b"].inputs == {"known": artifact(("k", "known"))}
    assert [each.label for each in made.running["b"].definitions] == ["f"]


def test_only_what_changes_the_making_reruns_the_readers() -> None:
    first = key(begun("x = gen"), "b")
    assert key(begun("x = gen", first="gen = f()  # a comment"), "b") == first
    assert key(begun("x = gen", "unrelated = 3"), "b") == first
    assert key(begun("x = gen", first="gen = (f())\nmore = 1"), "b") != first


def test_a_setting_that_the_maker_used_counts_for_its_readers() -> None:
    def with_setting(value: str) -> str:
        made = world(code(MAKER), step("a", "gen = f()"), step("b", "x = gen"))
        made.start()
        used = Fact("ambient", "os.environ", value)
        made.finish("a", outputs={}, uncarried=lost("gen"), facts=(used,))
        return key(made, "b")

    assert with_setting("one") != with_setting("two")


def test_a_split_replays_on_its_own() -> None:
    made = world(code(MAKER), step("a", "gen = f()"), foreach("i in range(2)", "x = next(gen) + i"))
    made.items["x"] = [0, 1]
    made.start()
    made.finish("a", outputs={}, uncarried=lost("gen"))
    made.finish("x[]")
    assert [replayed(made, task) for task in ("x[0]", "x[1]")] == [["a"], ["a"]]


def test_what_writes_files_again_runs_alone() -> None:
    made = world(
        code(MAKER), step("a", "gen = f()"), step("b", "x = gen"), step("c", "y = gen"), "q = 1"
    )
    made.start()
    file = Change("file", "case.db", artifact("content"), new=True)
    made.finish("a", outputs={}, uncarried=lost("gen"), changes=(file,))
    assert list(made.running) == ["b"]
    assert made.running["b"].replays[0].files == (("case.db", True),)
    made.finish("b")
    assert list(made.running) == ["c"]


def test_a_step_that_may_not_be_replayed_fails_its_readers() -> None:
    made = world(code(MAKER), code("#| step: a\n#| no-replay\ngen = f()"), step("b", "x = gen"))
    made.start()
    made.finish("a", outputs={}, uncarried=lost("gen"))
    assert made.states() == {"a": "completed", "b": "failed"}


def test_a_long_replay_is_a_hazard_that_names_both_cells() -> None:
    made = world(code(MAKER), step("a", "gen = f()"), step("b", "x = gen"))
    made.start()
    made.finish("a", outputs={}, uncarried=lost("gen"), seconds=12.0)
    hazard = long_replay(made.running["b"])
    assert hazard is not None
    assert hazard.severity == "warning"
    assert "`gen`" in hazard.message
    assert "cells [2] and [3]" in hazard.remedy
    assert long_replay(begun("x = gen").running["b"]) is None


def test_the_maker_is_made_again_when_what_it_read_is_lost() -> None:
    made = world(code(MAKER), step("n", "n = 3"), step("a", "gen = f()\nn"), step("b", "x = gen"))
    made.start()
    made.finish("n")
    made.finish("a", outputs={}, uncarried=lost("gen"))
    made.corrupt("b", artifact(("n", "n")))
    assert list(made.running) == ["n"]
    made.finish("n")
    assert replayed(made, "b") == ["a"]
