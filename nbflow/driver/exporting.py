"""Exports a flow into a folder: finds the exporter, writes its files as a whole or not at all."""

from __future__ import annotations

import difflib
import importlib.util
import secrets
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeAlias

from nbflow.driver.basis import Basis
from nbflow.errors import FlowError, NbflowError
from nbflow.flow import Flow

#: What every exporter is: from the flow, and what is known of its run, to texts by path.
Exporter: TypeAlias = Callable[[Flow, Basis], Mapping[str, str]]

#: The group of entry points in which packages offer further ones.
GROUP = "nbflow.exporters"

#: Nbflow's own; by name, as all others are, for they stand above the driver.
OWN = {
    name: EntryPoint(name, f"nbflow.export:{name}", GROUP)
    for name in ("script", "metaflow", "notebook")
}


def exporters() -> dict[str, EntryPoint]:
    """All exporters there are, by name."""
    return {**{each.name: each for each in entry_points(group=GROUP)}, **OWN}


def exporter(name: str) -> Exporter:
    """The exporter of a name.

    Raises
    ------
    FlowError
        There is none, or it cannot be loaded.
    """
    known = exporters()
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        names = ", ".join(f"`{each}`" for each in known)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are {names}."
        raise FlowError(f"nothing exports to `{name}`", hint)
    try:
        found: Exporter = known[name].load()
    except (ImportError, AttributeError) as error:
        raise FlowError(
            f"the exporter `{name}` cannot be loaded: {error}",
            f"Repair or remove the package that offers `{known[name].value}`.",
        ) from error
    return found


def check_folder(folder: Path) -> None:
    """Refuse a folder that an export cannot become.

    Raises
    ------
    NbflowError
        It holds something, is no folder, or there is no folder above it.
    """
    another = folder.with_name(f"{folder.name}-2") if folder.name else Path("exported")
    remedy = f"Give `-o` the name of a new folder, for example `-o {shlex.quote(str(another))}`."
    if folder.is_dir():
        if any(folder.iterdir()):
            raise NbflowError(f"`-o {folder}`: the folder is not empty", remedy)
    elif folder.exists() or folder.is_symlink():
        raise NbflowError(f"`-o {folder}` is not a folder", remedy)
    elif not folder.absolute().parent.is_dir():
        raise NbflowError(
            f"`-o {folder}`: there is no folder {folder.parent}",
            f"Make it: `mkdir -p {shlex.quote(str(folder.parent))}`.",
        )


def write(texts: Mapping[str, str], copies: Mapping[str, Path], folder: Path) -> tuple[Path, ...]:
    """Write an export; the folder appears once it is complete.

    Parameters
    ----------
    texts
        What is written, by path.
    copies
        Files that it takes along, by the path that they have there.

    Raises
    ------
    NbflowError
        The folder cannot be written.
    """
    check_folder(folder)
    if clash := sorted(texts.keys() & copies.keys()):
        raise NbflowError(
            f"the steps read {clash[0]}, and an export writes a file of that name",
            "Give the file another name, or put it into a folder.",
        )
    final = folder.absolute()
    unfinished = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        try:
            for name, text in texts.items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")
            for name, source in copies.items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, path)
            _tidy(unfinished, [name for name in texts if name.endswith(".py")])
            unfinished.replace(final)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise NbflowError(
            f"the export cannot be written to {folder}: {error.strerror}",
            "Give another name, in a folder that you can write to.",
        ) from error
    return tuple(folder / name for name in (*texts, *copies))


@contextmanager
def beside(folder: Path) -> Iterator[None]:
    """Let values that are loaded find the modules of a folder, as the steps did; for this once.

    What the compiler warns of shows when a cell runs, and not whenever its text is read.
    """
    path, known = list(sys.path), {*sys.modules}
    sys.path.insert(0, str(folder))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        sys.path[:] = path
        for name in sys.modules.keys() - known:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]


def _tidy(folder: Path, names: list[str]) -> None:
    """Format Python with ruff, where it is installed; what it still finds, the notebook had."""
    if not names or importlib.util.find_spec("ruff") is None:
        return
    for command in (["check", "--select", "I", "--fix"], ["format"], ["check", "--add-noqa"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--quiet", *names],
            cwd=folder,
            check=False,
            capture_output=True,
        )
