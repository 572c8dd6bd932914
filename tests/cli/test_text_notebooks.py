"""Text notebooks (jupytext) from the command line: run, cached, and executed as an ``.ipynb``."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from tests.cli.conftest import Nbflow
from tests.notebooks import read

PERCENT = """\
# %% [markdown]
# # A title

# %% tags=["parameters"]
n: int = 3

# %% tags=["step:load"]
xs = list(range(n))

# %%
#| foreach: x in xs
y = 2 * x

# %%
# %%step total
# shown = !echo from the shell
total = sum(y)
print(total, shown[0])
"""
MARKDOWN = """\
# A title

```python tags=["parameters"]
n: int = 3
```

```python nbflow={"step": "load"}
xs = list(range(n))
```

```python
%%foreach x in xs
y = 2 * x
```

```python tags=["step:total"]
shown = !echo from the shell
total = sum(y)
print(total, shown[0])
```
"""


@pytest.mark.parametrize(("name", "text"), [("text.py", PERCENT), ("text.md", MARKDOWN)])
def test_a_text_notebook_runs_is_cached_and_is_written_as_a_notebook(
    folder: Path, nbflow: Nbflow, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    result = nbflow("run", name, "-p", "n", "4", "-o", "out.ipynb")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "wrote out.ipynb")
    document = read(folder / "out.ipynb")
    nbformat.validate(document)
    assert document.metadata.kernelspec.name == "python3"
    assert [cell.cell_type for cell in document.cells] == ["markdown", *["code"] * 5]
    assert document.cells[2].source == "# Parameters\nn = 4\n"
    assert document.cells[-1].outputs[0].text == "12 from the shell\n"
    assert (folder / name).read_text() == text
    told = json.loads(nbflow("run", name, "-p", "n", "4", "--json").stdout)
    assert {task["status"] for task in told["tasks"]} == {"cached"}


def test_reordered_and_reformatted_text_is_still_cached(folder: Path, nbflow: Nbflow) -> None:
    (folder / "text.py").write_text(PERCENT)
    nbflow("run", "text.py")
    (folder / "text.py").write_text(
        PERCENT.replace("2 * x", "2*x  # twice") + "\n# %%\n# the end\n"
    )
    told = json.loads(nbflow("run", "text.py", "--json").stdout)
    assert {task["status"] for task in told["tasks"]} == {"cached"}
