"""Notebook files are read as nbformat and jupytext read them, or refused by name."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbflow.cells import read
from nbflow.errors import NotebookError

#: Untyped, so held as Any.
nbformat: Any = importlib.import_module("nbformat")
v4: Any = nbformat.v4

PERCENT = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Title

# %%
# %%step load
x = 1

# %% tags=["step:report"] nbflow={"cpus": 2}
print(x)
"""
MARKDOWN = """\
# Title

```python
%%step load
x = 1
```

```python tags=["step:report"] nbflow={"cpus": 2}
print(x)
```
"""
RMARKDOWN = """\
# Title

```{python}
%%step load
x = 1
```

```{python tags=c("step:report"), nbflow={"cpus": 2}}
print(x)
```
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nb.ipynb"


def test_an_nbformat_notebook_is_read(file: Path) -> None:
    cells = [v4.new_markdown_cell("# T", id="a"), v4.new_code_cell("x = 1\ny = 2\n", id="b")]
    nbformat.write(v4.new_notebook(cells=cells), file)
    read_cells = read(file).cells
    assert [(cell.id, cell.number, cell.source) for cell in read_cells] == [
        ("a", 0, "# T"),
        ("b", 1, "x = 1\ny = 2\n"),
    ]


sources = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), sources), max_size=5))
def test_it_reads_what_nbformat_reads(file: Path, cells: list[tuple[str, str]]) -> None:
    make = {
        "code": v4.new_code_cell,
        "markdown": v4.new_markdown_cell,
        "raw": v4.new_raw_cell,
    }
    nbformat.write(v4.new_notebook(cells=[make[kind](source) for kind, source in cells]), file)
    expected = nbformat.read(file, 4).cells
    assert [(cell.id, cell.kind, cell.source) for cell in read(file).cells] == [
        (cell["id"], cell["cell_type"], cell["source"]) for cell in expected
    ]


@pytest.mark.parametrize(
    "extra",
    [
        '"output": NaN',
        '"output": "\\ud800"',
        '"output": [Infinity, -Infinity]',
    ],
)
def test_what_only_nbformat_tolerates_is_read_through_it(file: Path, extra: str) -> None:
    file.write_text('{"nbformat": 4, "cells": [], "metadata": {%s}}' % extra)  # noqa: UP031
    assert read(file).cells == ()


def test_a_byte_order_mark_is_no_obstacle(file: Path) -> None:
    file.write_text('{"nbformat": 4, "cells": []}', encoding="utf-8-sig")
    assert read(file).cells == ()


@pytest.mark.parametrize(
    ("name", "text"), [("nb.py", PERCENT), ("nb.md", MARKDOWN), ("nb.Rmd", RMARKDOWN)]
)
def test_text_notebooks_are_read_through_jupytext(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    cells = read(tmp_path / name).cells
    assert [(cell.number, cell.kind) for cell in cells] == [
        (0, "markdown"),
        (1, "code"),
        (2, "code"),
    ]
    assert cells[1].source == "%%step load\nx = 1"
    assert (cells[2].tags, cells[2].metadata) == (("step:report",), {"cpus": 2})
    assert read(tmp_path / name).cells == cells


def test_a_plain_script_is_a_text_notebook_too(tmp_path: Path) -> None:
    (tmp_path / "nb.py").write_text("#| step: load\nx = 1\n")
    assert [cell.source for cell in read(tmp_path / "nb.py").cells] == ["#| step: load\nx = 1"]


WRONG = [
    ("nb.ipynb", b"", "`nb.ipynb` is empty", "JupyterLab"),
    ("nb.ipynb", b" \n", "is empty", "JupyterLab"),
    ("nb.py", b"", "is empty", "JupyterLab"),
    ("nb.ipynb", b"hello", "is not JSON (Expecting value", "checkpoint"),
    ("nb.ipynb", b'{"nbformat": 4, "cells": [', "is not JSON", "checkpoint"),
    ("nb.ipynb", b'{\n<<<<<<< HEAD\n"nbformat": 4}', "is not JSON", "merge conflict"),
    ("nb.ipynb", b"[1]", "its JSON is no object", "path"),
    ("nb.ipynb", b"[" * 1_000_000, "nested too deeply", "checkpoint"),
    (
        "nb.ipynb",
        b'{"nbformat": 4, "cells": [], "a": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
        "nested too deeply",
        "checkpoint",
    ),
    ("nb.ipynb", b'{"nbformat": 4, "a": "\xff"}', "is not UTF-8 text (byte 22)", "UTF-8"),
    ("nb.ipynb", b'{"nbformat": 4, "cells": ["\xff"]}', "is not UTF-8 text (byte 27)", "UTF-8"),
    (
        "nb.ipynb",
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\xe9", "metadata": {}}]}',
        "is not UTF-8 text (byte 59)",
        "UTF-8",
    ),
    ("nb.ipynb", b"\xff\xfe{\0}\0", "is not UTF-8", "UTF-8"),
    ("nb.ipynb", b'{"nbformat": 3, "worksheets": []}', "format 3", "nbconvert"),
    ("nb.ipynb", b'{"nbformat": 3, "cells": []}', "format 3", "nbconvert"),
    ("nb.ipynb", b'{"nbformat": 5, "cells": []}', "format 5", "upgrade"),
    ("nb.ipynb", b'{"nbformat": 4, "cells": [{}]}', "cell 1 of 1", ""),
    (
        "nb.ipynb",
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\ud800"}]}',
        "U+D800",
        "Delete",
    ),
    ("nb.py", b"\xff", "is not UTF-8", "UTF-8"),
    ("nb.md", b"---\njupyter: [\n---\n", "cannot be read as a text notebook", "header"),
    ("nb.Rmd", b"# T\n```{r}\nx <- 1\n```\n", "written for R", "kernel"),
    ("nb.txt", b"x", "is not a notebook that nbflow reads", ".ipynb"),
    ("notebook", b"x", "is not a notebook that nbflow reads", ".ipynb"),
]


@pytest.mark.parametrize(
    ("name", "data", "message", "remedy"), WRONG, ids=[f"{row[0]} {row[2]}" for row in WRONG]
)
def test_a_file_that_holds_no_notebook_is_refused_by_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    data: bytes,
    message: str,
    remedy: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    with pytest.raises(NotebookError) as caught:
        read(name)
    assert message in caught.value.message
    assert f"`{name}`" in caught.value.message
    assert remedy in caught.value.remedy


def test_a_missing_notebook_and_a_directory_propose_the_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "primes.ipynb").write_text("{}")
    for wrong, message in [
        (tmp_path / "prime.ipynb", "there is no notebook"),
        (tmp_path / "primes", "there is no notebook"),
        (tmp_path / "nowhere" / "primes.ipynb", "there is no notebook"),
        (tmp_path, "is a directory"),
    ]:
        with pytest.raises(NotebookError, match=message) as caught:
            read(wrong)
        proposed = str(tmp_path / "primes.ipynb") in caught.value.remedy
        assert proposed == (wrong.parent.name != "nowhere")


def test_a_file_that_cannot_be_read_says_why(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NotebookError, match="cannot be read: Permission denied"):
        read(file)
    with pytest.raises(NotebookError):
        read("a\0b.ipynb")


def test_large_outputs_are_skipped_and_nbformat_is_not_imported_for_them(file: Path) -> None:
    output = v4.new_output("display_data", data={"image/png": "A" * 10_000_000})
    cell = v4.new_code_cell("x = 1", id="a", outputs=[output])
    file.write_text(json.dumps(v4.new_notebook(cells=[cell])))
    assert len(read(file).cells) == 1
    script = (
        "import sys, nbflow.cells as cells; cells.read(sys.argv[1]);"
        "print([m for m in ('nbformat', 'jupytext', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
