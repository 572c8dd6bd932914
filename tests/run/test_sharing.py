"""Names that share objects: what steps are told, and what that costs the others."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.records.task import Change, Shared
from nbflow.run.sharing import compares_identity
from nbflow.store.store import Store
from tests import notebooks
from tests.notebooks import code, foreach, step
from tests.run.world import World, artifact, world

ALIAS = (step("a", "x = [1]"), step("b", "y = x"), step("c", "x.append(2)"), step("d", "z = y"))
BOTH = Shared(("x",), ("y",))


def told(made: World) -> dict[str, set[str]]:
    """What steps are told to hand on together, by name."""
    steps = made.machine.flow.steps
    return {steps[cell].name: {*one.together} for cell, one in made.machine.learnt.items()}


def finish_alias(made: World) -> None:
    made.start()
    made.finish("a")
    assert set(made.running) == {"b", "c"}, "nobody waits because something might be changed"
    made.finish("b", shares=(BOTH,))


def test_a_step_that_changes_a_shared_object_leaves_it_under_every_name() -> None:
    made = world(*ALIAS)
    finish_alias(made)
    changed = Change("object", "x")
    read = made.running["c"].digests
    made.finish("c", inputs=read, changes=(changed,), shares=(Shared(("x",), ("x",)),))
    made.finish("d") if "d" in made.running else None
    assert told(made) == {"b": {"x", "y"}, "c": {"x", "y"}}
    made.start_over()
    assert made.running["b"].step.together == {"x", "y"}
    made.finish("b", shares=(Shared(("x",), ("x", "y")),))
    read = made.running["c"].digests
    shares = (Shared(("x", "y"), ("x", "y")),)
    made.finish("c", inputs=read, shares=shares, changes=(changed,))
    assert made.running["d"].inputs["y"] == artifact(("c", "y"))
    made.finish("d")
    assert made.machine.status == "completed"
    assert not made.machine.starts_over, "what is told once is enough"


def test_sharing_that_nobody_observes_costs_nothing() -> None:
    made = world(
        step("a", "x = [1]"),
        step("b", "y = x"),
        step("left", "n = len(y), len(x)"),
        step("right", "m = sum(y)"),
        step("third", "k = str(x)"),
    )
    made.start()
    made.finish("a")
    made.finish("b", shares=(BOTH,))
    assert set(made.running) == {"third", "left", "right"}
    made.finish_all()
    assert not made.machine.starts_over
    assert not made.machine.learnt


def test_what_is_told_apart_is_handed_on_together_before_anybody_has_looked_for_it() -> None:
    made = world(*ALIAS[:2], step("c", "found = x[0] in y"), step("d", "n = len(y)"))
    made.start()
    made.finish("a")
    made.finish("b", shares=(Shared(("x",), ("y",), apart=True),))
    assert told(made) == {"b": {"x", "y"}}
    made.finish_all()
    made.start_over()
    assert made.running["b"].step.together == {"x", "y"}


def test_a_result_from_the_cache_may_show_that_it_is_made_of_older_values() -> None:
    made = world(*ALIAS[:2], step("c", "x.append(len(y))"))
    read = {name: artifact((task, name)).digest for task, name in (("a", "x"), ("b", "y"))}
    made.cached = {"c"}
    made.seen = {"c": {"inputs": read, "changes": (Change("object", "x"),)}}
    made.start()
    made.finish("a")
    made.finish("b", shares=(BOTH,))
    assert told(made) == {"b": {"x", "y"}, "c": {"x", "y"}}
    assert made.states()["c"] == "waiting"
    made.start_over()
    assert made.running["b"].step.together == {"x", "y"}


def test_nobody_is_told_where_one_reads_it_alone() -> None:
    made = world(*ALIAS[:2], step("c", "n = len(x)"), step("d", "n = len(y)"))
    made.start()
    made.finish("a")
    made.finish("b", shares=(Shared(("x",), ("y",), apart=True),))
    made.finish_all()
    assert not made.machine.learnt


@pytest.mark.parametrize("what", ["axes", "memory"])
def test_an_index_or_memory_in_common_matters_only_when_it_is_changed(
    what: Literal["axes", "memory"],
) -> None:
    cases: list[tuple[Literal["object", "axes", "memory"], dict[str, set[str]]]] = [
        ("object", {}),
        (what, {"b": {"x", "y"}, "c": {"x", "y"}}),
    ]
    for change, learnt in cases:
        made = world(*ALIAS)
        made.start()
        made.finish("a")
        made.finish("b", shares=(Shared(("x",), ("y",), what=what),))
        read = made.running["c"].digests
        made.finish("c", inputs=read, changes=(Change("object", "x"), Change(change, "x")))
        assert told(made) == learnt


def test_a_comparison_of_identity_observes_it() -> None:
    made = world(step("a", "x = [1]"), step("b", "y = x"), step("c", "z = x is y"))
    made.start()
    made.finish("a")
    made.finish("b", shares=(BOTH,))
    made.finish("c", inputs=made.running["c"].digests)
    assert told(made) == {"b": {"x", "y"}}


@pytest.mark.parametrize(
    ("body", "does"),
    [
        ("x is y", True),
        ("print(id(x))", True),
        ("x is not y", True),
        ("x is None", False),
        ("x is not True", False),
        ("# is it\nx == y", False),
        ("def (", False),
    ],
)
def test_identity_is_compared(body: str, does: bool) -> None:
    assert compares_identity(body) is does


CELLS = (
    step("first", "import numpy as np\na = np.arange(20_000.0)"),
    step("second", "part = a[100:200]; held = {'a': a}"),
    step("third", "part[:] = 1"),
    step("last", "total = a.sum(), held['a'].sum()"),
)


def test_what_was_learnt_is_known_to_the_next_plan(tmp_path: Path) -> None:
    path = notebooks.write(notebooks.notebook(*CELLS), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
        assert run.status == "completed"
        one, other = run["last"].total
        assert one == other == sum(range(20_000)) - sum(range(100, 200)) + 100
    with nbflow.load(path) as flow:
        assert [each.verdict for each in flow.plan()] == ["reuse"] * 4
        again = flow.run(workers=2)
    assert [task.status for task in again.tasks] == ["cached"] * 4


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_what_was_stored_together_is_made_again_when_it_is(how: str, tmp_path: Path) -> None:
    path = notebooks.write(notebooks.notebook(*CELLS), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
        total = run["last"].total
        (task,) = [each for each in run.tasks if each.step == "second"]
        joint = task.outputs["part"].joint
        assert joint is not None
        assert joint == task.outputs["a"].joint
        file = Store.open(tmp_path / ".nbflow").artifacts.path(joint.digest)
        if how == "lost":
            file.unlink()
        else:
            content = bytearray(file.read_bytes())
            content[-8] ^= 1
            file.chmod(0o600)
            file.write_bytes(content)
    text = path.read_text().replace("part[:] = 1", "part[:] = 1.0")
    path.write_text(text)
    with nbflow.load(path) as flow:
        again = flow.run(workers=2)
    assert again.status == "completed"
    assert again["last"].total == total
    assert {task.step: task.status for task in again.tasks}["first"] == "cached"


def test_a_copy_instead_of_an_alias_is_seen_though_all_values_are_equal(tmp_path: Path) -> None:
    cells = [step("a", "x = [1]"), step("b", "y = x"), step("c", "x.append(2)")]
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        flow.run(workers=2)
        assert flow.run(workers=2)["c"].y == [1, 2]
    path.write_text(path.read_text().replace("y = x", "y = list(x)"))
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
        y = run["c"].y if "y" in {n for t in run.tasks if t.step == "c" for n in t.outputs} else [1]
        assert y == [1]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            (
                step("rows", "rows = [[1], [2]]"),
                foreach("row in rows", "kept = row"),
                step("change", "kept[0].append(9)"),
            ),
            "`kept` and `rows`",
        ),
        (
            (
                step("base", "base = [0]"),
                foreach("i in range(2)", "held = {'i': i, 'base': base}"),
                step("change", "base.append(9)"),
            ),
            "`base` and `held`",
        ),
        (
            (
                step("rows", "rows = [[1], [2]]"),
                foreach("row in rows", "kept = row[:]"),
                step("change", "kept[0].append(9)"),
            ),
            "",
        ),
        (
            (
                step("rows", "rows = [[1], [2]]"),
                foreach("row in rows", "kept = row"),
                step("read", "n = len(kept[0]), len(rows)"),
                step("other", "rows = None"),
                step("change", "kept[0].append(9)"),
            ),
            "",
        ),
    ],
)
def test_what_splits_share_is_named_when_it_is_changed(
    cells: tuple[NotebookNode, ...], told: str, tmp_path: Path
) -> None:
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        runs = [flow.run(workers=2), flow.run(workers=2)]
    for run in runs:
        assert run.status == "completed"
        assert [told in hazard.message for hazard in run.hazards] == [True] * bool(told)
        assert {hazard.code for hazard in run.hazards} <= {"unkept-sharing"}


@pytest.mark.parametrize(
    ("first", "body", "option"),
    [
        ("a = [1]", "grow(a)\nb = len(a)", {"out": "b"}),
        ("a = [1]", "b = a\nc = 5", {"out": "b"}),
        ("a = [1]\nb = a", "b.append(2)", {"in": "b"}),
        ("a = [1]\nb = a", "b.append(2)", {"out": "b"}),
    ],
)
def test_an_option_that_hides_what_is_handed_on_is_named(
    first: str, body: str, option: dict[str, str], tmp_path: Path
) -> None:
    cell = code(body)
    cell.metadata["nbflow"] = {"step": "narrow", **option}
    cells = (
        "def grow(thing):\n    thing.append(7)",
        step("first", first),
        cell,
        step("change", "b += [2] if isinstance(b, list) else 2"),
        step("last", "seen = str((a, b))"),
    )
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
    errors = [task.error for task in run.tasks if task.error]
    assert [error.name for error in errors] == ["WithheldError"]
    assert f"Add `a` to the --{next(iter(option))} of cell [3]" in errors[0].message
