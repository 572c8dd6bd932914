"""Parameters of a run: typed, from the command line and from Python, whatever they are called."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import nbflow
from nbflow.cli import main
from nbflow.driver import NotebookFlow
from nbflow.errors import ParameterError
from tests.notebooks import notebook, parameters, step, write

pytestmark = pytest.mark.slow

DECLARED = """
from datetime import date
from typing import Annotated, Literal
from annotated_types import Interval
n: int = 1
rate = 0.5
flag = False
word = "a"
sizes: list[int] = [1]
mode: Literal["fast", "slow"] = "fast"
limit: int | None = None
name: str | None = "x"
anything = None
since: date = "2024-01-31"
share: Annotated[float, Interval(gt=0, le=1)] = 0.5
workers = 1
cache = 1
executor = "e"
on_event = 1
store = 1
parameters = 1
steps = 1
self = 1
"""
NAMES = [line.split(":")[0].split(" ")[0] for line in DECLARED.split("\n")[4:-1]]


def test_a_default_is_what_the_notebook_has_even_where_a_value_would_be_a_float(
    tmp_path: Path,
) -> None:
    cells = parameters("rate: float = 1"), step("read", "given = rate")
    flow = nbflow.load(write(notebook(*cells), tmp_path / "p.ipynb"))
    first = flow.run(executor="inline")
    assert repr(first["read"].given) == "1"
    again = flow.run(executor="inline", parameters=first.parameters)
    assert [task.status for task in again.tasks] == ["cached"]
    assert repr(flow.run(rate=2, executor="inline")["read"].given) == "2.0"


@pytest.fixture
def flow(tmp_path: Path) -> NotebookFlow:
    read = f"given = [{', '.join(NAMES)}]"
    path = write(notebook(parameters(DECLARED), step("read", read)), tmp_path / "p.ipynb")
    return nbflow.load(path)


def given(flow: NotebookFlow, name: str, /, **options: Any) -> object:
    values: list[object] = flow.run(executor="inline", **options)["read"].given
    return values[NAMES.index(name)]


def typed(flow: NotebookFlow, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and object of ``nbflow run --json``."""
    told = CliRunner().invoke(
        main, ["run", str(flow.path), "--executor", "inline", "--json", *arguments]
    )
    return told.exit_code, json.loads(told.stdout)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("n", "-3", -3),
        ("rate", "2", 2.0),
        ("rate", "-1e-3", -0.001),
        ("flag", "yes", True),
        ("word", "3", "3"),
        ("word", "", ""),
        ("word", "-v", "-v"),
        ("word", "--", "--"),
        ("sizes", "[1, 2]", [1, 2]),
        ("mode", "slow", "slow"),
        ("limit", "7", 7),
        ("limit", "None", None),
        ("name", "None", None),
        ("anything", "some text", "some text"),
        ("anything", "3", 3),
        ("anything", "'3'", "3"),
        ("since", "2024-02-29", "2024-02-29"),
        ("share", "1", 1.0),
        *((name, "5", 5) for name in ("workers", "cache", "on_event", "store")),
        *((name, "5", 5) for name in ("parameters", "steps", "self")),
        ("executor", "5", "5"),
    ],
)
def test_text_on_the_command_line_is_typed(
    flow: NotebookFlow, name: str, text: str, expected: object
) -> None:
    code, told = typed(flow, "-p", name, text)
    assert code == 0, told["problems"]
    run = nbflow.runs(flow.path)[-1]
    found = run["read"].given[NAMES.index(name)]
    assert (found, type(found)) == (expected, type(expected))
    assert run.record.parameters[name] == repr(expected)


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (["n", "two"], "`n` takes an int, not 'two'", "`-p n 4`"),
        (["n", "2.5"], "`n` takes an int, not '2.5'", "`-p n 4`"),
        (["mode", "medium"], "`mode` takes one of 'fast', 'slow', not 'medium'", "`-p mode fast`"),
        (["sizes", "['a']"], "`sizes` takes a list[int]", "[4, 4]"),
        (
            ["since", "2023-02-29"],
            "`since` takes a date, not '2023-02-29'",
            "`-p since 2024-01-31`",
        ),
        (["share", "0"], "`share` takes a float above 0 and at most 1, not '0'", "`-p share 0.5`"),
        (["modus", "fast"], "no parameter `modus`", "Did you mean `mode`?"),
        (["zzz", "1"], "no parameter `zzz`", "Its parameters: `n`, `rate`"),
        (
            ["n", "1", "-p", "n", "2"],
            "parameter `n` is given twice",
            "p.ipynb --param n=1,2`",
        ),
    ],
)
@pytest.mark.parametrize("command", [["run"], ["plan"], ["status"], ["why", "read"]])
def test_what_does_not_fit_is_refused_with_a_remedy(
    flow: NotebookFlow, command: list[str], arguments: list[str], message: str, remedy: str
) -> None:
    name, *more = command
    told = CliRunner().invoke(main, [name, str(flow.path), *more, "-p", *arguments, "--json"])
    assert told.exit_code == 2
    (problem,) = json.loads(told.stdout)["problems"]
    assert problem["code"] == "parameter"
    assert message in problem["message"]
    assert remedy in problem["remedy"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("n", -3, -3),
        ("n", "4", 4),
        ("rate", 2, 2.0),
        ("word", "3", "3"),
        ("name", "None", "None"),
        ("name", None, None),
        ("anything", "3", "3"),
        ("anything", {"a": [1]}, {"a": [1]}),
        ("flag", "off", False),
        ("since", date(2024, 2, 29), "2024-02-29"),
    ],
)
def test_values_from_python_stay_what_they_are_where_they_fit(
    flow: NotebookFlow, name: str, value: object, expected: object
) -> None:
    found = given(flow, name, parameters={name: value})
    assert (found, type(found)) == (expected, type(expected))


def test_a_parameter_may_be_called_like_an_argument(flow: NotebookFlow) -> None:
    assert given(flow, "workers", workers=2) == 1
    assert given(flow, "workers", workers=2, parameters={"workers": 3}) == 3
    assert given(flow, "self", parameters={"self": 3}) == 3
    changed = flow.plan(parameters={"cache": 2})["read"].reasons + flow.why("read", n=9).reasons
    assert [(reason.kind, reason.subject) for reason in changed if reason.after in "29"] == [
        ("parameter", "cache"),
        ("parameter", "n"),
    ]


@pytest.mark.parametrize(("name", "value"), [("n", 1.5), ("n", True), ("n", "x"), ("mode", "mid")])
def test_a_python_value_that_does_not_fit_is_refused(
    flow: NotebookFlow, name: str, value: object
) -> None:
    with pytest.raises(ParameterError, match=f"parameter `{name}` takes"):
        flow.run(parameters={name: value})
