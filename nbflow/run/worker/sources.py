"""The notebook's source as tracebacks see it: file names, line numbers, lines."""

from __future__ import annotations

import linecache

from nbflow.records.message import Source

#: Cell magics whose body is Python, run in the notebook's own namespace.
_PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
#: File names that IPython's own magics compile a cell's body under.
_MAGIC_NAMES = ("<timed exec>", "<timed eval>")


class Sources:
    """Names the pieces of source that a task runs, and finds them again by file name."""

    def __init__(self) -> None:
        self._known: dict[str, Source] = {}

    def add(self, source: Source) -> str:
        """Make a piece of source known; returns the file name to compile it under.

        Pieces of one cell share the name and lie on the cell's own lines.
        """
        name = file_name(source)
        entry = linecache.cache.get(name) if name in self._known else None
        self._known[name] = source
        lines = list(entry[2]) if entry is not None and len(entry) == 4 else []
        new = source.text.splitlines()
        start = source.line - 1
        lines.extend("\n" for _ in range(start + len(new) - len(lines)))
        lines[start : start + len(new)] = (line + "\n" for line in new)
        # No modification time: linecache then never looks for the file.
        linecache.cache[name] = (sum(map(len, lines)), None, lines, name)
        return name

    def add_body(self, source: Source) -> str:
        """The same for a body, which a cell magic may compile under a name of its own."""
        name = self.add(source)
        if runs_python(padded(source)):
            for other in _MAGIC_NAMES:
                self._known[other] = source
                linecache.cache[other] = linecache.cache[name]
        return name

    def find(self, name: str) -> Source | None:
        """The source that was compiled under this file name."""
        return self._known.get(name)


def file_name(source: Source) -> str:
    """What tracebacks call a piece of source: ``cell [4] step train``."""
    step = f" step {source.step}" if source.step else ""
    return f"cell [{source.number}]{step}"


def padded(source: Source) -> str:
    """The text, with lines added so that it runs on the line numbers of its cell.

    IPython drops leading blank lines, and wants a cell magic on the first line.
    """
    lines = ["#\n"] * (source.line - 1) + source.text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if not _is_blank(line)), None)
    if first is not None and lines[first].startswith("%%"):
        body = lines[first + 1 :]
        if runs_python(lines[first]):
            body = ["#\n"] * (first + 1) + body
        return "".join([lines[first], *body])
    if lines and not lines[0].strip():
        lines[0] = "#\n"
    return "".join(lines)


def runs_python(text: str) -> bool:
    """Whether a text starts with a cell magic that runs its body as Python."""
    return text.partition("\n")[0].partition(" ")[0].strip() in _PYTHON_MAGICS


def _is_blank(line: str) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith("#")
