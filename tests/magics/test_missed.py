"""What a step cannot hand on is not bound in the kernel, and whoever looks for it is told why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.magics.kernels import Kernel, Shown, kernel

pytestmark = pytest.mark.slow

CONNECTS = "%%step connect\nimport sqlite3\nconn = sqlite3.connect(':memory:')\nn = 1"
TOLD = "`conn` stays in step `connect`, cell [{}]: sqlite3.Connection cannot be carried"
REMEDY = "Make this cell a step (`%%step`): it replays that one to have it."


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("missed")) as one:
        yield one


def missed(shown: Shown) -> list[str]:
    """What is told below a cell that has looked for a name in vain."""
    assert shown.status == "error"
    assert shown.outputs[0]["ename"] == "NameError"
    (below,) = shown.rest[1:]
    return [line.removeprefix("✘").strip() for line in below.splitlines()]


def test_it_is_said_under_the_step_and_by_who_looks_for_it(running: Kernel) -> None:
    shown = running.run(CONNECTS, "connect")
    assert "out conn (stays in the step: sqlite3.Connection cannot be carried), n (1) ·" in (
        shown.headline
    )
    assert running.run("n", "look").rest == ["1"]
    for source in ("conn", "conn.execute('select 1')", "def look():\n    return conn\nlook()"):
        assert missed(running.run(source, "look")) == [TOLD.format(2), REMEDY]
    # The remedy holds.
    source = "%%step look\nfound = conn.execute('select 40 + 2').fetchone()\nfound"
    assert running.run(source, "look").rest == ["(42,)"]


@pytest.mark.parametrize("first", ["conn = 'old'", "%%step connect\nconn = 'old'"])
def test_an_older_value_does_not_remain(running: Kernel, first: str) -> None:
    running.run(first, "connect")
    assert running.run("conn", "look").rest == ["'old'"]
    running.run(CONNECTS, "connect")
    assert missed(running.run("conn", "look"))[0] == TOLD.format(2)


def test_a_value_that_is_loaded_when_first_used_does_not_remain_either(running: Kernel) -> None:
    running.run("%%step connect\nconn = bytes(9 << 20)", "connect")
    running.run(CONNECTS, "connect")
    assert missed(running.run("conn", "look"))[0] == TOLD.format(2)


def test_whoever_binds_the_name_afterwards_is_believed(running: Kernel) -> None:
    running.run(CONNECTS, "connect")
    running.run("conn = 'own'", "look")
    running.run("%flow run", "flow")
    assert running.run("conn", "look").rest == ["'own'"]
    running.run("%%step other\nconn = 'new'", "other")
    assert running.run("conn", "look").rest == ["'new'"]
    running.run("del conn", "look")
    shown = running.run("conn", "look")
    assert (shown.status, shown.rest[1:]) == ("error", [])


def test_names_that_no_step_knows_are_pythons_own_business(running: Kernel) -> None:
    running.run(CONNECTS, "connect")
    for source in ("nobody", "import types\nexec('conn', {})", "conn = 1\nundefined"):
        assert running.run(source, "look").rest[1:] == [], source


def test_of_a_foreach_it_is_said_once(running: Kernel) -> None:
    shown = running.run("%%foreach n in [1, 2]\nevens = (2 * i for i in range(n))", "evens")
    assert "out evens (stays in the step: generator cannot be carried) · 2 of 2" in shown.headline
    assert missed(running.run("evens", "look")) == [
        "`evens` stays in step `evens`, cell [2]: generator cannot be carried",
        "Use it in that cell.",
    ]


def test_after_a_restart_it_is_told_as_before(running: Kernel) -> None:
    running.run(CONNECTS, "connect")
    with kernel(running.folder) as again:
        shown = again.run(CONNECTS, "connect")
        assert "cached" in shown.headline
        assert "stays in the step" in shown.headline
        assert missed(again.run("conn", "look"))[0] == TOLD.format(2)
