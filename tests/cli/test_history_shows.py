"""What each command of the history shows at 80 columns, held against its snapshot, and its JSON.

``NBFLOW_SNAPSHOTS=write`` writes the snapshots anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from nbflow.cli import main
from nbflow.views.blocks import WIDTH
from nbflow.views.text import width
from tests.cli import shapes
from tests.magics.expected import masked
from tests.magics.kernels import IDS
from tests.notebooks import code, notebook, parameters, read, step, write

SNAPSHOTS = Path(__file__).parent / "snapshots"
STUDY = (
    parameters("rate: float = 0.5\nmodel: str = 'ridge'", cell_id="parameters"),
    code("import numpy as np\nimport pandas as pd", cell_id="imports"),
    step(
        "load",
        "x = np.linspace(0, 1, 20)\nframe = pd.DataFrame({'x': x, 'y': 3 * x})",
        cell_id="load",
    ),
    step(
        "fit",
        "slope = 3 * (1 - rate ** 4)\nfitted = frame.assign(p=slope * x)\nprint(model, slope)",
        cell_id="fit",
    ),
    step(
        "score",
        "residual = fitted['y'] - fitted['p']\nloss = float((residual ** 2).mean())\n"
        "scores = {'r2': 1 - loss / 0.83, 'rows': len(fitted)}",
        cell_id="score",
    ),
)
#: Commands in order, by the name of their snapshot; a function edits the notebook in between.
STORY: dict[str, str] = {
    "runs-none": "runs study.ipynb",
    "run": "run study.ipynb --executor inline",
    "sweep": "sweep study.ipynb --param rate=0.25,0.75 -p model lasso --executor inline",
    "sweep-best": "sweep study.ipynb score --param rate=0.1,0.2 --best min --executor inline",
    "twice": "run study.ipynb -p rate 0.1 -p rate 0.3",
    "tag": "tag last~3 good",
    "tag-remove": "tag last~3 good --remove",
    "tag-again": "tag last~3 good",
    "note": "note last~3 'the first that is any good'",
    "runs": "runs",
    "runs-filtered": "runs study.ipynb --param rate>0.15 --status completed --since 2d",
    "runs-latest": "runs --last 1",
    "runs-tagged": "runs --tag good",
    "runs-no-such": "runs --param rate>10",
    "runs-no-parameter": "runs --param rat>10",
    "show": "show last~3",
    "show-step": "show last~3/score",
    "logs": "logs last~3/fit",
    "compare": "compare last~4 last~3",
    "compare-best": "compare last~4 last~3 last~2 --best min",
    "edit": "",
    "compare-code": "compare last~3 last",
    "rerun": "rerun last~4 --executor inline",
    "rerun-value": "rerun last~5 -p rate 0.3 --executor inline",
    "collect": "",
    "compare-collected": "compare last~6 last",
    "open": "open last -o opened.ipynb",
    "open-collected": "open last~6 -o collected.ipynb",
    "restore": "restore last~6 -o restored.ipynb",
    "restore-same": "restore last~6 -o restored.ipynb",
    "restore-over": "restore last~6 -o study.ipynb",
    "no-such-run": "compare last nonsense",
    "ambiguous": "compare last 2",
    "html-there": "compare last last~1 --html study.ipynb",
    "no-such-notebook": "runs none.ipynb",
}
#: The shape of what is told with ``--json``.
SHAPES: dict[str, Any] = {
    "runs": shapes.Runs,
    "tag last good": shapes.OneOfRuns,
    "note last text": shapes.OneOfRuns,
    "show last": shapes.PastRun,
    "compare last last~1": shapes.Comparison,
    "sweep study.ipynb --param rate=0.5,0.6 --executor inline": list[shapes.SweptRun],
    "rerun last --executor inline": shapes.Rerun,
    "open last": shapes.Reopened,
    "restore last": shapes.Reopened,
    "compare last nonsense": shapes.Refusal,
    "open nonsense": shapes.Refusal,
    "tag nonsense a": shapes.Refusal,
    "rerun nonsense": shapes.Refusal,
    "sweep study.ipynb --param rate": shapes.Refusal,
}
_REFUSED = ("twice", "no-parameter", "there", "over", "no-such-run", "ambiguous", "notebook")
_ID = "YYYYMMDD-HHMMSS-xxxxxx"
_MASKS = {
    # What Python and pandas of other versions may store, or write, otherwise.
    r"\d+ B  [0-9a-f]{12}": "SIZE  DIGEST",
    r"\d+\.\d MB": "SIZE",
}


def invoke(line: str, *more: str) -> Result:
    words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)]
    return CliRunner().invoke(main, [*words, *more], prog_name="nbflow")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Result]]:
    """What each command of the story told, and the folder that it left."""
    folder = tmp_path_factory.mktemp("story")
    path = write(notebook(*STUDY), folder / "study.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("nbflow.driver.notebook_flow.origin", _somebody)
        found = {}
        for name, line in STORY.items():
            if name == "edit":
                document = read(path)
                document.cells[3].source = document.cells[3].source.replace("** 4", "** 2")
                write(document, path)
                invoke("run study.ipynb --executor inline")
            elif name == "collect":
                invoke("clear study.ipynb score")
                invoke("gc")
                invoke("rerun last --executor inline")
            else:
                found[name] = invoke(line)
        yield found


def _somebody(_: Path) -> object:
    from nbflow.driver.origin import Origin

    return Origin("ada", "mill", "1a2b3c4d5e6f")


def text(line: str, result: Result) -> str:
    """The command and what it told, without what differs from run to run."""
    parts = [f"$ nbflow {line}", result.stdout.rstrip("\n")]
    if result.stderr:
        parts.append(f"[stderr]\n{result.stderr.rstrip()}")
    # As wide as an id, so that columns stay columns.
    shown = IDS.sub(_ID, "\n".join(part for part in parts if part))
    for pattern, mask in _MASKS.items():
        shown = re.sub(pattern, mask, shown)
    return masked(shown) + "\n"


@pytest.mark.parametrize("name", [name for name, line in STORY.items() if line])
def test_a_command_shows_what_its_snapshot_says(told: dict[str, Result], name: str) -> None:
    result = told[name]
    assert result.exit_code == (2 if name.endswith(_REFUSED) else 0), result.output
    for line in result.output.splitlines():
        # A path is never cut.
        assert width(line) <= WIDTH or "/" in line
    file = SNAPSHOTS / f"{name}.txt"
    shown = text(STORY[name], result)
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("line", SHAPES)
def test_what_programs_read_has_its_shape(line: str) -> None:
    result = invoke(line, "--json")
    assert result.exit_code == (2 if SHAPES[line] is shapes.Refusal else 0), result.output
    msgspec.json.decode(result.stdout, type=SHAPES[line])
