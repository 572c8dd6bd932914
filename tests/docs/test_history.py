"""``docs/history.md``, followed to the letter: its notebook, its commands, and its Python."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import nbflow
from nbflow.cli import main
from tests.docs.markdown import DOCS, Block, blocks, with_texts
from tests.magics.kernels import IDS, MOMENTS, TIMES
from tests.notebooks import code, notebook, write

PAGE = DOCS / "history.md"
#: Of these blanks nobody can tell how many there are: times are aligned.
_ALIGNED = re.compile(rf" *(?:{TIMES.pattern})")


def same_everywhere(text: str) -> str:
    """The text without ids, moments and times."""
    return _ALIGNED.sub(" TIME", MOMENTS.sub("MOMENT", IDS.sub("ID", text)))


def python(source: str, namespace: dict[str, Any]) -> str:
    """What an interactive Python shows."""
    *statements, last = ast.parse(source).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(statements, []), "<page>", "exec"), namespace)
    value = eval(compile(ast.Expression(last.value), "<page>", "eval"), namespace)
    shown = str(value) if type(value).__name__ == "DataFrame" else repr(value)
    return "\n".join(line.rstrip() for line in shown.splitlines())


def follow(page: list[Block]) -> Iterator[tuple[Block, str]]:
    """Each block that shows something, and what really came."""
    cells = [code(each.text, cell_id=each.name) for each in page if each.text.startswith("%%")]
    write(notebook(*cells), Path("study.ipynb"))
    namespace: dict[str, Any] = {"nbflow": nbflow}
    came = ""
    for block in page:
        match block.kind:
            case "python" if not block.text.startswith("%%"):
                came = python(block.text, namespace)
            case "text":
                yield block, came
            case "console":
                command = block.text.partition("\n")[0]
                words = shlex.split(command.removeprefix("$ nbflow "))
                with contextlib.redirect_stderr(io.StringIO()):
                    result = CliRunner().invoke(main, words, prog_name="nbflow")
                assert result.exit_code == 0, result.output
                yield block, f"{command}\n{result.stdout}".rstrip("\n")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_page_shows_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    found = list(follow(list(blocks(page))))
    # What is written anew is to be read before it is committed.
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        PAGE.write_text(with_texts(page, {block.line: came for block, came in found}), "utf-8")
        return
    for block, came in found:
        assert same_everywhere(came) == same_everywhere(block.text)
