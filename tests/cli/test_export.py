"""``nbflow export``: what it tells, and what it refuses without writing anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nbflow
from tests.cli.shapes import Shape
from tests.notebooks import foreach, notebook, step, write


class Exported(Shape):
    """What ``--json`` prints."""

    to: str
    folder: str
    files: list[str]


TOLD = """\
wrote 6 files to out
  flow.py
  README.md
  graph.svg
  requirements.txt
  check.py
  digests.json
out/README.md says how to run it
"""


def test_the_files_are_told(folder: Path, nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    result = nbflow("export", "small.ipynb", "--to", "script", "-o", "out")
    assert (result.exit_code, result.stdout) == (0, TOLD)
    assert all(len(line) <= 80 for line in TOLD.splitlines())
    told = json.loads(
        nbflow("export", "small.ipynb", "--to", "notebook", "-o", "two", "--json").stdout
    )
    assert Exported(**told) == Exported("notebook", "two", ["small.ipynb"])
    assert sorted(path.name for path in folder.iterdir() if path.name[0] != ".") == [
        "out",
        "small.ipynb",
        "two",
    ]


OFFERED = """\
def names(flow, basis):
    return {"names.txt": "\\n".join(step.name for step in flow.steps.values()) + "\\n"}
"""


def test_another_package_offers_a_way_to_export(
    folder: Path,
    nbflow: Nbflow,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = tmp_path_factory.mktemp("installed")
    (installed / "offered_exporter.py").write_text(OFFERED)
    about = installed / "offered_exporter-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: offered-exporter\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "[nbflow.exporters]\nnames = offered_exporter:names\nbroken = offered_exporter:nothing\n"
    )
    monkeypatch.syspath_prepend(str(installed))
    nbflow("run", "small.ipynb")
    result = nbflow("export", "small.ipynb", "--to", "names", "-o", "out")
    assert result.exit_code == 0, result.output
    assert (folder / "out" / "names.txt").read_text() == "load\ny\ntotal\n"
    result = nbflow("export", "small.ipynb", "--to", "nams", "-o", "two")
    assert (result.exit_code, "Did you mean `names`?" in result.stderr) == (2, True)
    result = nbflow("export", "small.ipynb", "--to", "broken", "-o", "two")
    assert "the exporter `broken` cannot be loaded" in result.stderr
    assert result.exit_code == 2
    assert not (folder / "two").exists()


def test_an_empty_folder_is_taken(folder: Path, nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    (folder / "out").mkdir()
    assert nbflow("export", "small.ipynb", "--to", "notebook", "-o", "out").exit_code == 0
    assert (folder / "out" / "small.ipynb").exists()


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (
            ["missing.ipynb", "--to", "script", "-o", "out"],
            "no notebook `missing.ipynb`",
            "Give the path",
        ),
        (["small.ipynb", "--to", "scrip", "-o", "out"], "exports to `scrip`", "Did you mean"),
        (["small.ipynb", "--to", "airflow", "-o", "out"], "exports to `airflow`", "`metaflow`"),
        (["small.ipynb", "--to", "script", "-o", "full"], "is not empty", "new folder"),
        (["small.ipynb", "--to", "script", "-o", "small.ipynb"], "is not a folder", "new folder"),
        (["small.ipynb", "--to", "script", "-o", "no/out"], "no folder no", "mkdir -p no"),
        (["small.ipynb", "--to", "script", "-o", "out", "-p", "m", "1"], "no parameter `m`", ""),
        (
            ["small.ipynb", "--to", "script", "-o", "out", "-p", "n", "9"],
            "`load` is not current",
            "`nbflow run small.ipynb -p n 9`",
        ),
        (["new.ipynb", "--to", "script", "-o", "out"], "`a` has not run", "`nbflow run new.ipynb`"),
        (["bad.ipynb", "--to", "script", "-o", "out"], "`nowhere` is not defined", "Bind it"),
        (
            ["shell.ipynb", "--to", "script", "-o", "out"],
            "`!echo 1` in step `a` is IPython's",
            "subprocess.run",
        ),
    ],
)
def test_what_cannot_be_exported_is_told_and_nothing_is_written(
    folder: Path, nbflow: Nbflow, arguments: list[str], message: str, remedy: str
) -> None:
    nbflow("run", "small.ipynb")
    write(notebook(step("a", "a = 1")), folder / "new.ipynb")
    write(notebook(step("a", "a = nowhere")), folder / "bad.ipynb")
    write(notebook(step("a", "!echo 1"), foreach("i in range(2)", "b = i")), folder / "shell.ipynb")
    nbflow("run", "shell.ipynb")
    (folder / "full").mkdir()
    (folder / "full" / "mine.txt").write_text("mine")
    before = sorted(folder.rglob("*[!lm]"))
    result = nbflow("export", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    told = " ".join(result.stderr.split())
    assert message in told
    assert remedy in told
    assert sorted(folder.rglob("*[!lm]")) == before
    found = json.loads(nbflow("export", *arguments, "--json").stdout)["problems"]
    assert message in found[0]["message"]


def test_a_step_that_always_runs_is_exported_with_what_it_gave_last(
    folder: Path, nbflow: Nbflow
) -> None:
    cell = step("now", "import time\nmoment = time.time()")
    cell.metadata["nbflow"] = {"no-cache": True}
    write(notebook(cell, step("after", "later = moment + 1")), folder / "clock.ipynb")
    nbflow("run", "clock.ipynb")
    result = nbflow("export", "clock.ipynb", "--to", "script", "-o", "out")
    assert result.exit_code == 0, result.stderr
    told = json.loads((folder / "out" / "digests.json").read_text())
    assert told["values"] == {}
    assert told["uncompared"].keys() == {"moment", "later"}
