"""What a task does with its request: values in, values out, in a fresh namespace."""

from __future__ import annotations

from typing import Any

import pytest

from nbflow.records.message import Source
from nbflow.records.task import Change, Fact
from tests.run.tasks import Desk, definition


def test_inputs_come_in_and_outputs_go_out(desk: Desk) -> None:
    outcome = desk.run("y = [value + 1 for value in x]", inputs={"x": [1, 2]}, outputs="y")
    assert outcome.values == {"y": [2, 3]}
    assert outcome.finished.changes == ()
    assert outcome.finished.hazards == ()


def test_an_output_left_unbound_is_absent(desk: Desk) -> None:
    outcome = desk.run("if False:\n    y = 1\nz = 2", outputs="y z")
    assert outcome.values == {"z": 2}
    assert outcome.finished.absent == ("y",)


def test_an_output_that_cannot_be_carried_is_named_and_fails_nothing(desk: Desk) -> None:
    outcome = desk.run("g = (i for i in range(3))\nz = 2", outputs="g z")
    assert outcome.values == {"z": 2}
    assert [uncarried.name for uncarried in outcome.finished.uncarried] == ["g"]


def test_definitions_run_in_order_and_those_that_need_an_input_after_it(desk: Desk) -> None:
    outcome = desk.run(
        "y = scaled(2)",
        inputs={"factor": 10},
        outputs="y",
        definitions=(
            definition("def scaled(value, by=factor):\n    return helper(value) * by", "factor"),
            definition("def helper(value):\n    return value + 1"),
        ),
    )
    assert outcome.values == {"y": 30}


def test_future_imports_of_definitions_hold_in_the_body(desk: Desk) -> None:
    outcome = desk.run(
        "def f(x: undefined): pass\ny = f.__annotations__",
        outputs="y",
        definitions=(definition("from __future__ import annotations"),),
        defines=("f",),
    )
    assert outcome.values == {"y": {"x": "undefined"}}


def test_setup_runs_first_magics_included(desk: Desk) -> None:
    outcome = desk.run(
        "y = os.environ['NBFLOW_TEST'] + precision",
        outputs="y",
        setup=(
            Source("import os\n%env NBFLOW_TEST=set", 1),
            Source("precision = %precision 3", 3),
        ),
    )
    assert outcome.values == {"y": "set%.3f"}


CLASS = definition("class C:\n    n = 0\n    kept = []")


def test_what_the_body_keeps_on_a_class_goes_out_and_comes_in(desk: Desk) -> None:
    first = desk.run("C.n += 1\nC.kept.append(C.n)", definitions=(CLASS,))
    (change,) = first.finished.changes
    assert (change.kind, change.subject) == ("state", "C's state")
    assert change.artifact is not None
    state = first.load(change.artifact)
    again = desk.run(
        "x = C.n, C.kept", definitions=(CLASS,), inputs={"C's state": state}, outputs="x"
    )
    assert again.values == {"x": (1, [1])}
    assert again.finished.changes == ()


def test_what_cannot_be_handed_on_of_a_class_is_named(desk: Desk) -> None:
    outcome = desk.run("C.kept = (i for i in ())\nC.n = 2", definitions=(CLASS,))
    assert [hazard.code for hazard in outcome.finished.hazards] == ["uncarried-state"]
    assert "`C.kept`" in outcome.finished.hazards[0].message
    (change,) = outcome.finished.changes
    assert change.artifact is not None
    assert outcome.load(change.artifact) == {"kept": {("attribute", "n", ""): 2}, "gone": []}


def test_what_the_body_defines_is_noted_as_defined(desk: Desk) -> None:
    body = "class D:\n    n = 0\ndef f(x=[]):\n    x.append(D.n)\nD.n += 1\nf()"
    outcome = desk.run(body, defines=("D", "f"))
    assert [change.subject for change in outcome.finished.changes] == ["D's state", "f's state"]
    quiet = desk.run("class D:\n    n = []\ndef f(x=[]):\n    pass", defines=("D", "f"))
    assert quiet.finished.changes == ()


def test_the_last_displayed_value_comes_in_and_goes_out(desk: Desk) -> None:
    read = {"_": [1]}
    assert desk.run("x = _ + [2]", inputs=read, outputs="x").values == {"x": [1, 2]}
    assert desk.run("x = len(_)\nx", inputs=read, outputs="_ x").values == {"_": 1, "x": 1}
    quiet = desk.run("None", inputs=read, outputs="_").finished
    assert (quiet.absent, quiet.changes) == (("_",), ())
    changed = desk.run("_.append(2)", inputs=read, outputs="_").finished
    assert [(change.kind, change.subject) for change in changed.changes] == [("input", "_")]


def test_the_item_of_a_split_is_bound_to_its_target(desk: Desk) -> None:
    outcome = desk.run("y = (k, v)", outputs="y", item=("a", [1]), target="k, v")
    assert outcome.values == {"y": ("a", [1])}


def test_splits_are_stored_one_by_one(desk: Desk) -> None:
    outcome = desk.run(
        "[(chunk) for chunk in chunks(data)]",
        kind="splits",
        inputs={"data": [1, 2, 3]},
        definitions=(definition("def chunks(data):\n    return [data[:2], data[2:]]"),),
    )
    assert [outcome.load(item) for item in outcome.finished.items] == [[1, 2], [3]]


def test_a_split_that_cannot_be_carried_fails_and_is_named(desk: Desk) -> None:
    outcome = desk.run("[open(__file__) if 0 else (i for i in '')]", kind="splits")
    assert outcome.failed.error.message.endswith("It is item 0 of the foreach.")


@pytest.mark.parametrize(
    ("body", "inputs", "changed"),
    [
        ("f(x)", {"x": [1]}, {"x": [1, 1]}),
        ("f(x)\nx.pop()", {"x": [1]}, {}),
        ("y = len(x)", {"x": {"a": {1, 2, 3}}}, {}),
        ("globals()['x'] = 5", {"x": 4}, {"x": 5}),
        ("y = x + 1", {"x": 4}, {}),
    ],
)
def test_inputs_changed_out_of_sight_are_reported(
    desk: Desk, body: str, inputs: dict[str, Any], changed: dict[str, Any]
) -> None:
    outcome = desk.run(
        body,
        inputs=inputs,
        outputs="y",
        definitions=(definition("def f(x):\n    x.append(1)"),),
    )
    found = {
        change.subject: outcome.load(change.artifact)
        for change in outcome.finished.changes
        if change.kind == "input" and change.artifact is not None
    }
    assert found == changed
    assert outcome.finished.hazards == ()


def test_a_split_that_changes_what_all_splits_read_is_a_hazard(desk: Desk) -> None:
    outcome = desk.run(
        "f(xs)",
        inputs={"xs": [1]},
        target="i",
        item=0,
        definitions=(definition("def f(x):\n    x.append(1)"),),
    )
    assert [hazard.code for hazard in outcome.finished.hazards] == ["hidden-mutation"]


@pytest.mark.parametrize(
    ("body", "changed"), [("touch(cfg)", {"cfg": {"a": 1, "b": 2}}), ("y = touch({})", {})]
)
def test_a_constant_changed_out_of_sight_is_reported(
    desk: Desk, body: str, changed: dict[str, Any]
) -> None:
    outcome = desk.run(
        body,
        outputs="y",
        definitions=(definition("cfg = {'a': 1}"), definition("def touch(d):\n    d['b'] = 2")),
    )
    found = {c.subject: outcome.load(c.artifact) for c in outcome.finished.changes if c.artifact}
    assert found == changed


@pytest.mark.parametrize(
    ("body", "changed"),
    [("n = len(xs)", []), ("f(xs[1])", ["xs"]), ("f(xs)", ["xs"]), ("exec('xs = 5')", ["xs"])],
)
def test_a_joined_list_is_compared_split_by_split(
    desk: Desk, body: str, changed: list[str]
) -> None:
    joined = desk.store_splits([[1], [2], [3]])
    outcome = desk.run(
        body,
        outputs="n",
        artifacts_of={"xs": joined},
        definitions=(definition("def f(x):\n    x.append(1)"),),
    )
    assert [change.subject for change in outcome.finished.changes] == changed


def test_a_full_or_broken_store_is_a_failure_that_names_it(desk: Desk) -> None:
    (desk.root / "file").write_text("in the way")
    outcome = desk.run(
        "x = bytes(200_000)", outputs="x", artifacts=str(desk.root / "file" / "store")
    )
    assert outcome.failed.error.name == "StoreError"
    assert str(desk.root / "file") in outcome.failed.error.message


def test_a_damaged_input_is_a_failure_that_says_so(desk: Desk) -> None:
    artifact = desk.store(bytes(200_000))
    path = desk.artifacts.path(artifact.digest)
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)
    outcome = desk.run("y = len(x)", outputs="y", artifacts_of={"x": artifact})
    assert outcome.failed.error.name == "CorruptArtifactError"


def test_a_changed_input_that_is_an_output_is_only_that(desk: Desk) -> None:
    outcome = desk.run("x.append(2)", inputs={"x": [1]}, outputs="x")
    assert outcome.values == {"x": [1, 2]}
    assert outcome.finished.changes == (Change("object", "x"),)


def test_names_bound_out_of_sight_are_reported(desk: Desk) -> None:
    outcome = desk.run("exec('hidden = 3')\ndef f(): pass\n5", defines=("f",))
    (change,) = outcome.finished.changes
    assert (change.kind, change.subject) == ("binds", "hidden")
    assert change.artifact is not None
    assert outcome.load(change.artifact) == 3


def test_the_namespace_is_main_and_holds_nothing_else(desk: Desk) -> None:
    outcome = desk.run(
        "import sys\nn = __name__\nsame = vars(sys.modules['__main__']) is globals()\n"
        "left = sorted(set(globals()) & {'request', 'shell', 'Task', 'main'})",
        outputs="n same left",
        defines=("sys",),
    )
    assert outcome.values == {"n": "__main__", "same": True, "left": []}


def test_what_every_task_depends_on_is_little(desk: Desk) -> None:
    kinds = [fact.kind for fact in desk.run("1").finished.facts]
    assert kinds == ["locale", "platform", "python", "timezone"]


def test_declared_files_count_as_they_were_before_the_body(desk: Desk) -> None:
    (desk.root / "given").write_text("before")
    rewrite = "with open('given', 'w') as file:\n    file.write('after')"
    before = desk.run("1", files=("given", "missing")).finished.facts
    after = desk.run(rewrite, files=("given", "missing")).finished.facts
    assert [fact for fact in before if fact.kind in ("file", "absent")] == [
        fact for fact in after if fact.kind in ("file", "absent")
    ]
    assert Fact("absent", "missing", "") in before


def test_a_missing_working_directory_is_a_clear_failure(desk: Desk) -> None:
    outcome = desk.run("1", cwd=str(desk.root / "gone"))
    assert "gone cannot be entered" in outcome.failed.error.message
