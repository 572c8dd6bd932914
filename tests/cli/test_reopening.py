"""``nbflow open`` and ``restore``: a past run's notebook comes back, and nothing is overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.cli.conftest import Nbflow
from tests.notebooks import read


@pytest.fixture
def run(nbflow: Nbflow) -> str:
    """The id of a run with another value than the default."""
    return str(json.loads(nbflow("run", "small.ipynb", "-p", "n", "2", "--json").stdout)["run"])


def by_id(document: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.id: cell for cell in document.cells}


def test_a_notebook_is_restored_as_it_was_though_it_has_changed(
    folder: Path, nbflow: Nbflow, run: str
) -> None:
    before = read(folder / "small.ipynb")
    (folder / "small.ipynb").write_text("no notebook any more")
    result = nbflow("restore", run)
    place = folder / f"small-restored-{run}.ipynb"
    assert result.stdout == f"{place}\n"
    assert read(place) == before
    assert nbflow("restore", run, "-o", "mine.ipynb").stdout == "mine.ipynb\n"
    assert read(folder / "mine.ipynb") == before


def test_an_opened_notebook_has_the_outputs_and_parameters_of_its_run(
    folder: Path, nbflow: Nbflow, run: str
) -> None:
    nbflow("run", "small.ipynb", "-p", "n", "1")
    place = Path(nbflow("open", run).stdout.strip())
    assert place == folder / f"small-{run}.ipynb"
    document = read(place)
    nbformat.validate(document)
    cells = by_id(document)
    assert cells["injected-parameters"].source == "# Parameters\nn = 2\n"
    assert [cell.id for cell in document.cells][:2] == ["parameters", "injected-parameters"]
    assert cells["load"].outputs[0].text == "loading\n"
    assert cells["each"].outputs[0].text == "x is 0\nx is 1\n"
    assert cells["total"].outputs[0].data["text/plain"] == "2"
    assert cells["definitions"].outputs == []
    # What it would write is there already.
    assert nbflow("open", run).exit_code == 0


def test_a_run_with_the_notebooks_own_parameters_gets_no_cell_for_them(
    folder: Path, nbflow: Nbflow
) -> None:
    nbflow("run", "small.ipynb")
    place = nbflow("open", "last").stdout.strip()
    assert len(read(Path(place)).cells) == len(read(folder / "small.ipynb").cells)


def test_a_failed_run_is_opened_up_to_its_error(folder: Path, nbflow: Nbflow) -> None:
    document = read(folder / "small.ipynb")
    by_id(document)["each"].source = "print(x)\ny = 1 / (1 - x)"
    nbformat.write(document, folder / "small.ipynb")
    nbflow("run", "small.ipynb")
    cells = by_id(read(Path(nbflow("open", "last").stdout.strip())))
    assert [output.output_type for output in cells["each"].outputs] == ["stream", "error"]
    assert cells["each"].outputs[1].ename == "ZeroDivisionError"
    assert cells["total"].outputs == []


def test_outputs_that_were_collected_are_named_and_the_rest_is_opened(
    folder: Path, nbflow: Nbflow, run: str
) -> None:
    nbflow("clear", "small.ipynb", "total")
    nbflow("gc")
    result = nbflow("open", run, "--json")
    assert json.loads(result.stdout)["collected"] == ["total"]
    cells = by_id(read(folder / f"small-{run}.ipynb"))
    assert cells["total"].outputs == []
    assert cells["load"].outputs[0].text == "loading\n"
    assert "the outputs of `total` were collected" in nbflow("open", run).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["restore", "last", "-o", "small.ipynb"], "small.ipynb is there already"),
        (["open", "last", "-o", "small.ipynb"], "small.ipynb is there already"),
        (["open", "last", "-o", "nowhere/a.ipynb"], "there is no folder nowhere"),
        (["open", "last", "-o", "a.txt"], "`a.txt` names no notebook"),
        (["restore", "nonsense"], "no run `nonsense`"),
        (["open", ""], "no run ``"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_changes(
    folder: Path, nbflow: Nbflow, run: str, words: list[str], message: str
) -> None:
    assert run
    before = {path: path.read_bytes() for path in folder.glob("*") if path.is_file()}
    result = nbflow(*words)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert {path: path.read_bytes() for path in folder.glob("*") if path.is_file()} == before


def test_a_run_of_a_folder_that_is_gone_is_written_where_one_says(
    folder: Path, nbflow: Nbflow, run: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = tmp_path_factory.mktemp("elsewhere") / "store"
    shutil.copytree(folder / ".nbflow", store)
    shutil.move(folder / "small.ipynb", store.parent / "kept.ipynb")
    result = nbflow("restore", run, "--store", str(store), "-o", str(store.parent / "new.ipynb"))
    assert result.exit_code == 0
    assert read(store.parent / "new.ipynb") == read(store.parent / "kept.ipynb")


def test_a_text_notebook_is_restored_as_text(folder: Path, nbflow: Nbflow) -> None:
    (folder / "text.py").write_text('# %% tags=["step:a"]\nb = 1\n')
    nbflow("run", "text.py")
    place = Path(nbflow("restore", "last").stdout.strip())
    assert place.suffix == ".py"
    assert '# %% tags=["step:a"]\nb = 1' in place.read_text()
