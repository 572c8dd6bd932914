"""All that ``%flow`` and its sub-commands show, whole, as text and as HTML, in one story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.magics.expected import held, html
from tests.magics.kernels import Kernel, Shown, kernel

pytestmark = pytest.mark.slow

HELPER = "def grow(x):\n    return x + 1"
PARTS = "%%foreach x in data\npart = grow(x)\nprint('part', x)"
BROKEN = "%%step broken\nbroken = total / 0"


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of the story; with the name of its snapshot where there is one."""

    cell: str
    source: str
    name: str = ""
    #: What it must show by and by, though it has ended.
    later: str = ""
    #: A cell that has been deleted on the screen by then.
    deleted: str = ""


def ask(name: str, line: str, **more: object) -> Part:
    """A command whose outputs have a snapshot."""
    return Part("flow", line, name, **more)  # type: ignore[arg-type]


STORY = (
    ask("status-without-steps", "%flow"),
    ask("run-without-steps", "%flow run"),
    ask("graph-without-steps", "%flow graph"),
    ask("form-without-parameters", "%flow form"),
    ask("runs-none", "%flow runs"),
    ask("compare-none", "%flow compare last last"),
    Part("helper", HELPER),
    Part("parameters", "%%parameters\nn: int = 3"),
    Part("load", "%%step load\ndata = list(range(n))\nprint('loading', n)"),
    Part("parts", PARTS),
    ask("config-register", "%flow config on_run register"),
    Part("total", "%%step total\ntotal = sum(part)\ntotal", "registered"),
    ask("config-set", "%flow config on_run run"),
    ask("logs-none", "%flow logs total"),
    ask("status-new", "%flow"),
    ask("plan", "%flow plan"),
    ask("plan-one", "%flow plan load"),
    ask("why-new", "%flow why total"),
    ask("run", "%flow run"),
    ask("status", "%flow"),
    ask("plan-fresh", "%flow plan"),
    ask("plan-value", "%flow plan -p n 4"),
    ask("run-value", "%flow run -p n 2"),
    ask("run-cached", "%flow run"),
    ask("run-one", "%flow run load --no-cache --workers 1"),
    ask("runs", "%flow runs"),
    ask("runs-filtered", "%flow runs --param 'n<3'"),
    ask("runs-no-parameter", "%flow runs --param 'm<3'"),
    ask("compare", "%flow compare last~2 last~1"),
    ask("compare-best", "%flow compare last~2 last~1 --best max"),
    ask("compare-no-such-run", "%flow compare last nonsense"),
    ask("compare-one", "%flow compare last"),
    ask("why-fresh", "%flow why part"),
    ask("verify", "%flow verify load part total"),
    ask("verify-no-such-step", "%flow verify nothing"),
    ask("accept-fresh", "%flow accept total -m 'no change'"),
    Part("slow", "%flow config on_run register"),
    Part("total", "%%step total\ntotal = sum(list(part))\ntotal"),
    Part("slow", "%flow config on_run run"),
    ask("accept", "%flow accept total -m 'the same sum'"),
    ask("why-accepted", "%flow why total"),
    ask("status-accepted", "%flow"),
    Part("total", "%%step total\ntotal = sum(part)\ntotal"),
    Part("helper", HELPER.replace("1", "2")),
    ask("why-definition", "%flow why part"),
    ask("status-stale", "%flow"),
    Part("helper", HELPER),
    ask("preview", "%flow preview part"),
    ask("logs", "%flow logs part"),
    ask("logs-result", "%flow logs total"),
    ask("export", "%flow export --to script -o exported"),
    ask("export-again", "%flow export --to script -o exported"),
    ask("graph", "%flow graph"),
    ask("form", "%flow form"),
    ask("config", "%flow config"),
    ask("cancel-none", "%flow cancel"),
    ask("debug-fine", "%flow debug total"),
    Part("broken", BROKEN, "step-failed"),
    ask("run-failed", "%flow run"),
    ask("logs-failed", "%flow logs broken"),
    ask("debug-failed", "%flow debug broken"),
    Part("broken", "%%step broken\nbroken = nobody", "step-refused"),
    ask("status-refused", "%flow"),
    ask("plan-refused", "%flow plan"),
    ask("run-refused", "%flow run"),
    Part("look", "0", deleted="broken"),
    Part("connect", "%%step connect\nimport sqlite3\nconn = sqlite3.connect(':memory:')", "stays"),
    ask("run-bg", "%flow run --bg", later="completed in"),
    Part("slow", "%flow config on_run register"),
    Part("sleep", "%%step sleep\nimport time\ntime.sleep(600)"),
    Part("slow", "%flow config on_run run"),
    Part("bg", "%flow run --bg", "run-bg-cancelled", later="cancelled in"),
    ask("run-beside-a-run", "%flow run --bg"),
    ask("cancel", "%flow cancel"),
    Part("look", "0", deleted="sleep"),
    ask("clear-one", "%flow clear total"),
    ask("clear", "%flow clear"),
    ask("no-command", "%flow nonsense"),
    ask("no-command-misspelt", "%flow stauts"),
    ask("no-command-here", "%flow tag last 'as good'"),
    ask("no-command-here-bare", "%flow sweep"),
    ask("no-step-given", "%flow why"),
    ask("no-such-step", "%flow why lod"),
    ask("no-such-step-to-run", "%flow run nobody"),
    ask("no-parameter", "%flow run -p m 3"),
    ask("no-value", "%flow run -p n three"),
    ask("no-workers", "%flow run --workers 0"),
    ask("no-choice", "%flow config on_run sometimes"),
    ask("no-choice-given", "%flow config on_run"),
    ask("no-setting", "%flow config color red"),
    ask("no-quote", "%flow logs 'open"),
    ask("no-option", "%flow plan --cash"),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Shown]]:
    """What each part of the story has shown, by the name of its snapshot."""
    with kernel(tmp_path_factory.mktemp("story")) as running:
        yield dict(_tell(running))


def _tell(running: Kernel) -> Iterator[tuple[str, Shown]]:
    deleted: list[str] = []
    waiting: list[tuple[str, str]] = []
    for part in STORY:
        if part.deleted:
            deleted.append(part.deleted)
        if part.name == "cancel":
            running.until(waiting[-1][0], "▸ sleep")
        request = running.start(part.source, part.cell, {"deletedCells": deleted})
        shown = running.finish(request)
        if part.name:
            yield part.name, shown
        if part.later:
            waiting.append((request, part.later))
        if part.name in ("run-bg", "cancel"):
            running.until(*waiting.pop())


@pytest.mark.parametrize("name", [part.name for part in STORY if part.name])
def test_it_shows_what_its_snapshot_says(told: dict[str, Shown], name: str) -> None:
    shown = told[name]
    held(shown, f"flow-{name}")
    assert not any("<script" in each for each in html(shown))
    if shown.status == "error" and not name.endswith("failed"):
        assert "Traceback" not in shown.text
        assert len(shown.text.splitlines()) <= 6
    assert "nbflow/" not in shown.text
