"""Writes the file of a notebook, as a whole or not at all: over what is there, or as a new one."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from nbflow.errors import NotebookError

#: What a notebook can be written as.
SUFFIXES = (".ipynb", ".py", ".md", ".Rmd")
_FORMATS: Mapping[str, Mapping[str, str]] = {".py": {"format_name": "percent"}}


def write(document: NotebookNode, path: Path) -> None:
    """Write a notebook (nbformat), over what is there.

    Raises
    ------
    NotebookError
        The file cannot be written.
    """
    try:
        with _unfinished(_text(document, ".ipynb"), path) as file:
            file.replace(path)
    except OSError as error:
        raise NotebookError(
            f"the notebook cannot be written to {path}: {error.strerror}",
            "Give another name, in a folder that you can write to.",
        ) from error


def write_new(document: NotebookNode, path: Path) -> None:
    """Write a notebook where nothing is yet, as its suffix says; the same may be there already.

    Raises
    ------
    NotebookError
        Something else is there, or the file cannot be written.
    """
    other = "Give another name with `-o FILE`."
    if path.suffix not in SUFFIXES:
        raise NotebookError(
            f"`{path}` names no notebook", f"Give a name that ends in {', '.join(SUFFIXES)}."
        )
    text = _text(document, path.suffix)
    try:
        with _unfinished(text, path) as file:
            # Unlike a rename, a link fails where something is.
            os.link(file, path)
    except FileExistsError:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if path.read_text("utf-8") == text:
                return
        raise NotebookError(f"{path} is there already, and stays as it is", other) from None
    except FileNotFoundError:
        raise NotebookError(f"there is no folder {path.parent}", other) from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be written: {error.strerror}", other) from error


@contextlib.contextmanager
def _unfinished(text: str, path: Path) -> Iterator[Path]:
    """A file beside the one that is meant, which is gone afterwards."""
    file = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # A lone surrogate becomes the JSON escape that means it.
        file.write_text(text, "utf-8", errors="backslashreplace")
        yield file
    finally:
        file.unlink(missing_ok=True)


def _text(document: NotebookNode, suffix: str) -> str:
    if suffix == ".ipynb":
        text: str = nbformat.writes(document)
        return text.rstrip("\n") + "\n"
    import jupytext  # type: ignore[import-untyped]  # late: 0.2 s

    told: str = jupytext.writes(document, fmt={"extension": suffix, **_FORMATS.get(suffix, {})})
    return told
