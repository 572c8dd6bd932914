"""What the notebook's text says, as docstrings and as a readme."""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise

from nbflow.flow import Flow, FlowStep
from nbflow.records.notebook import Notebook

#: Room for a docstring in a function, in ruff's and black's own line length.
_WIDTH = 84

#: Paragraphs that are not set anew: lists, tables, quotes, code.
_SET = re.compile(r"\s*(?:[-*+>|]\s|\d+[.)]\s|```|~~~|\$\$|    |<)")


def title(notebook: Notebook, flow: Flow) -> str:
    """The notebook's first heading; its name without one."""
    for cell in notebook.cells:
        if cell.kind == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("#"):
                    return line.lstrip("#").strip()
    return flow.name


def introduction(notebook: Notebook) -> str:
    """The text below the first heading, where it stands in the same cell."""
    for cell in notebook.cells:
        if cell.kind == "markdown":
            return re.sub(r"\A\s*#[^\n]*\n?", "", cell.source).strip()
        if cell.kind == "code":
            break
    return ""


def docstring(notebook: Notebook, step: FlowStep) -> str:
    """The markdown cell right above a step: its heading, and what stands below it."""
    for above, cell in pairwise(notebook.cells):
        if cell.id == step.id and above.kind == "markdown":
            return _said(above.source)
    return ""


def quoted(text: str) -> str:
    """A text as a docstring, with its quotes."""
    text = text.replace('"""', "'''").rstrip()
    prefix = "r" if "\\" in text else ""
    if text.endswith(('"', "\\")):
        text += " "
    end = "\n" if "\n" in text else ""
    return f'{prefix}"""{text}{end}"""'


def wrapped(text: str, width: int = _WIDTH) -> str:
    """Paragraphs set to a width; lists, tables and code as they are."""
    blocks = re.split(r"\n\s*\n", text.strip())
    fenced = False
    done: list[str] = []
    for block in blocks:
        opens = block.count("```") % 2 == 1
        if fenced or opens or _SET.match(block):
            done.append(block.rstrip())
        else:
            done.append(textwrap.fill(" ".join(block.split()), width, break_long_words=False))
        fenced ^= opens
    return "\n\n".join(done)


def _said(markdown: str) -> str:
    lines = markdown.strip().splitlines()
    if not lines:
        return ""
    head, rest = "", "\n".join(lines)
    if lines[0].startswith("#"):
        head, rest = lines[0].lstrip("#").strip(), "\n".join(lines[1:])
    head = head if not head or head[-1] in ".!?:…" else f"{head}."
    return "\n\n".join(filter(None, (head, wrapped(rest))))
