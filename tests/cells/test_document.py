"""A document in memory becomes cells with numbers and ids that last; what is wrong is named."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.cells import parse
from nbflow.errors import NotebookError
from nbflow.records.notebook import Cell


def code(source: Any, **more: Any) -> dict[str, Any]:
    metadata = {"metadata": {}, "outputs": [], "execution_count": None, **more}
    return {"cell_type": "code", "source": source, **metadata}


def document(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 4, "cells": list(cells), "metadata": metadata}


def ids(*cells: dict[str, Any]) -> list[str]:
    return [cell.id for cell in parse(document(*cells), "nb.ipynb").cells]


def test_cells_carry_what_the_layers_above_need() -> None:
    metadata = {"tags": ["step:load", "x"], "nbflow": {"cpus": 2}, "collapsed": True}
    read = parse(
        document(
            {"cell_type": "markdown", "id": "a", "source": ["# T\n", "x"], "metadata": {}},
            code(["x = 1\n", "y = 2"], id="b", metadata=metadata),
        ),
        "folder/nb.ipynb",
    )
    assert read.cells == (
        Cell("a", 0, "markdown", "# T\nx"),
        Cell("b", 1, "code", "x = 1\ny = 2", ("step:load", "x"), {"cpus": 2}),
    )
    assert read.path == str(Path("folder/nb.ipynb").absolute())


def test_numbers_count_code_cells_that_are_not_blank() -> None:
    raw = {"cell_type": "raw", "source": "r", "metadata": {}}
    read = parse(document(code("a"), raw, code(" \n"), code(""), code("b")), "nb.ipynb")
    assert [cell.number for cell in read.cells] == [1, 0, 0, 0, 2]


def test_nbformats_own_nodes_are_documents_too() -> None:
    v4: Any = importlib.import_module("nbformat.v4")  # untyped, so held as Any
    node = v4.new_notebook(cells=[v4.new_code_cell("x = 1", id="a")])
    assert parse(node, "nb.ipynb").cells == (Cell("a", 1, "code", "x = 1"),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (code("%%step load\nx = 1"), code("%%step load --cpus 2\nx = 2")),
        (code("#| label: a\n#| step: load\nx = 1"), code("#| step: load # note\nx = 2")),
        (code("%%foreach x in xs\ny = x"), code("# why\n%%foreach x in xs --out y\ny = -x")),
        (
            code("x = 1", metadata={"tags": ["step:load"]}),
            code("x = 2", metadata={"tags": ["a", "step: load"]}),
        ),
        (
            code("x = 1", metadata={"nbflow": {"step": "load"}}),
            code("x = 2", metadata={"nbflow": {"step": "load", "cpus": 2}}),
        ),
    ],
)
def test_a_marked_cell_without_id_keeps_its_derived_one_when_edited_or_moved(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    above, below = code("import numpy"), code("print()")
    assert ids(above, before, below)[1] == ids(below, code("new"), above, after)[3]


def test_derived_ids_are_the_same_on_every_reading_and_differ_between_cells() -> None:
    cells = [code("x"), code("x"), code("y"), code("%%step"), code("%%step"), code("", id="")]
    first, second = ids(*cells), ids(*cells)
    assert first == second
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("language", [None, "python", "Python", "ipython", "python3", "Python 3.8"])
def test_python_kernels_and_none_at_all_are_read(language: str | None) -> None:
    read = parse(document(code("x"), kernelspec={"name": "x", "language": language}), "nb.ipynb")
    assert read.language == "python"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    (document(code("x"), kernelspec={"name": "ir", "language": "R"}), "written for R", "kernel"),
    (document(code("x"), language_info={"name": "julia"}), "written for julia", "kernel"),
    ({"nbformat": 3, "worksheets": []}, "old notebook format 3", "nbconvert"),
    ({"worksheets": []}, "old notebook format 1", "nbconvert"),
    ({"name": "package"}, "it holds no cells", "path of a notebook"),
    ({"nbformat": 5, "cells": []}, "format 5", "format 4"),
    ({"nbformat": "4", "cells": []}, "format 4", "format 4"),
    ({"nbformat": 4}, "missing required field `cells`", "JupyterLab"),
    ({"nbformat": 4, "cells": {}}, "expected `array`, got `object`", "JupyterLab"),
    (document(code(3)), "`source` of cell 1 of 1", "JupyterLab"),
    (document(code("x"), code("x", id=3)), "`id` of cell 2 of 2", "JupyterLab"),
    (document(code("x", metadata={"tags": "step:a"})), "`metadata.tags` of cell 1", ""),
    (document(code("x", metadata={"nbflow": []})), "`metadata.nbflow` of cell 1", ""),
    (document({"cell_type": "heading", "source": "x"}), "'heading'", ""),
    (document({"cell_type": "code"}), "missing required field `source`", ""),
    (
        document(code("x"), code("y", id="a"), code("z", id="a")),
        "cell [2] and cell [3] of `nb.ipynb` have the same id `a`",
        "paste",
    ),
    (
        document(code("", id="a"), code("z", id="a")),
        "the code cell at position 1 and cell [1]",
        "paste",
    ),
    (document(code("x"), code("s = '\ud800'")), "cell [2] of `nb.ipynb` holds half", "Delete"),
    (document(code("x", metadata={"tags": ["\udfff"]})), "U+DFFF", "Delete"),
    (document(code("x", metadata={"nbflow": {"a": ["\udfff"]}})), "U+DFFF", "Delete"),
]


@pytest.mark.parametrize(("wrong", "message", "remedy"), WRONG)
def test_what_is_wrong_with_a_document_is_named_with_its_place(
    wrong: dict[str, Any], message: str, remedy: str
) -> None:
    with pytest.raises(NotebookError) as caught:
        parse(wrong, "nb.ipynb")
    assert message in caught.value.message
    assert "nb.ipynb" in caught.value.message
    assert remedy in caught.value.remedy


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "id", "metadata", "tags", "nbflow"]),
            inner | st.sampled_from(["code", "markdown"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["nbformat", "cells", "metadata"]), json | st.just(4)))
def test_any_other_document_is_read_or_refused(wrong: dict[str, Any]) -> None:
    try:
        parse(wrong, "nb.ipynb")
    except NotebookError as error:
        message = error.message
    else:
        message = "nb.ipynb"
    assert "nb.ipynb" in message
