"""What a cell shows, held against its snapshot, whole and in both renderings.

The snapshots lie in ``snapshots``: the text as a terminal or a notebook's file has it, and the HTML
and SVG where there are any. ``NBFLOW_SNAPSHOTS=write`` writes them anew, to be read before they are
committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.magics.kernels import IDS, MOMENTS, TIMES, Shown, plain

_FOLDER = Path(__file__).parent / "snapshots"
#: Times are aligned to the right: how wide they are decides on the blanks before them.
_ALIGNED = re.compile(rf"( )? *(?:{TIMES.pattern})")
_COUNTS = re.compile(r"\bIn\[\d+\]")
#: The debugger puts the working directory before the name of a cell.
_FOLDERS = re.compile(r"/[^\s<>]*/(?=cell \[)")
#: Newer Pythons underline what of a line failed.
_UNDERLINED = re.compile(r"^[ |]+~+\^+~*\n", re.MULTILINE)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def held(shown: Shown, name: str) -> None:
    """Compare all that a cell shows with the snapshot of a name."""
    _compare(_FOLDER / f"{name}.txt", masked(text(shown)) + "\n")
    rendered = [masked(_STYLE.sub("", each)) for each in html(shown)]
    if rendered:
        _compare(_FOLDER / f"{name}.html", "\n".join(rendered) + "\n")
    else:
        assert not (_FOLDER / f"{name}.html").exists()


def text(shown: Shown) -> str:
    """The outputs as text, each below its kind; of an error a front end shows the traceback."""
    parts = []
    for output in shown.outputs:
        told = plain(output)
        match output["output_type"]:
            case "stream":
                parts.append(f"[{output['name']}]\n{told.rstrip()}")
            case "error":
                first, _, rest = told.partition("\n")
                message = output["evalue"].count("\n")
                rest = "\n".join(rest.split("\n")[message:])
                parts.append(f"[error {first}]\n{rest}")
            case kind:
                parts.append(f"[{kind}]\n{told}")
    return "\n\n".join(parts)


def html(shown: Shown) -> list[str]:
    """The HTML, or else the SVG, of those outputs that have any."""
    found = []
    for output in shown.outputs:
        data = output.get("data", {})
        found += [data[kind] for kind in ("text/html", "image/svg+xml") if kind in data][:1]
    return found


def masked(told: str) -> str:
    """The text without what differs from run to run: ids, times, counts, folders, underlines."""
    told = _UNDERLINED.sub("", IDS.sub("ID", told))
    told = _ALIGNED.sub(lambda found: f"{found[1] or ''}TIME", told)
    told = _FOLDERS.sub("FOLDER/", told)
    return _COUNTS.sub("In[N]", MOMENTS.sub("MOMENT", told))


def _compare(file: Path, told: str) -> None:
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, "utf-8")
    assert told == file.read_text("utf-8")
