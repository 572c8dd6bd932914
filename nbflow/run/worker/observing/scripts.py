"""What a script will look at as far as its text tells: local modules, and files that it names."""

# Plain strings, as the audit hook has them.
# ruff: noqa: PTH100, PTH113, PTH118, PTH119, PTH120, PTH122

from __future__ import annotations

import ast
import glob
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

#: Kinds of scripts, by the ends of their names.
_KINDS = {
    ".py": "python",
    **dict.fromkeys((".sh", ".bash", ".zsh", ".mk"), "shell"),
    **dict.fromkeys((".R", ".r", ".pl", ".jl", ".js", ".sql", ".awk"), "other"),
}
_QUOTED = re.compile(r"""["']([^"'\n\0]+)["']""")
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*")
_WORD = re.compile(r"[^\s;|&()<>=\"'\0]+")
#: A longer text is data.
_LARGEST = 1 << 16
#: So many scripts and modules are looked through in all.
_MOST = 200


def quoted_in(text: str) -> list[str]:
    """What stands in quotes, but for patterns: a shell does not take them for names."""
    return [each for each in _QUOTED.findall(text) if not glob.has_magic(each)]


def named_in(path: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The files that a script names, and whether it may as well write them.

    Parameters
    ----------
    folder
        Where it runs.
    """
    yield from _followed([path], folder)


def named_in_code(text: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The same of Python code that runs there."""
    modules = [*_imported(text, folder)]
    yield from ((module, False) for module in modules)
    yield from _followed(modules, folder)


def module_files(name: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The files behind a module of a folder, and what these name."""
    modules = [*_files_of(f"{name}.__main__", folder), *_files_of(name, folder)]
    yield from ((module, False) for module in modules)
    yield from _followed(modules, folder)


def listed_in(path: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The files whose names a file holds, as ``xargs`` takes them."""
    for name in _WORD.findall(_text(path) or ""):
        if os.path.isfile(os.path.join(folder, name)):
            yield os.path.join(folder, name), True


def of_repository(folder: str) -> Iterator[str]:
    """What tells at which commit a folder is: ``git`` looks there without being told."""
    place = os.path.abspath(folder or ".")
    while not os.path.lexists(mark := os.path.join(place, ".git")):
        if (parent := os.path.dirname(place)) == place:
            return
        place = parent
    if os.path.isfile(mark):  # which says where the rest lies
        yield mark
        mark = os.path.join(place, (_text(mark) or "").removeprefix("gitdir:").strip())
    yield from (os.path.join(mark, "HEAD"), os.path.join(mark, "logs", "HEAD"))


def variables_in(paths: Iterable[str]) -> str:
    """The variables that scripts of a shell name, as they do."""
    texts = (_text(path) or "" for path in paths if _kind(path) == "shell")
    return " ".join(name for text in texts for name in _VARIABLE.findall(text))


def _followed(paths: Iterable[str], folder: str) -> Iterator[tuple[str, bool]]:
    waiting, seen = list(paths), set[str]()
    while waiting and len(seen) < _MOST:
        path = waiting.pop()
        kind = None if path in seen else _kind(path)
        seen.add(path)
        if kind is None or (text := _text(path)) is None:
            continue
        found = dict.fromkeys(quoted_in(text), True)
        if kind == "shell":
            found |= dict.fromkeys(_WORD.findall(text), True)
        files = {os.path.join(folder, name): True for name in found if "\0" not in name}
        if kind == "python":
            files |= dict.fromkeys(_imported(text, os.path.dirname(path)), False)
        for file, perhaps in files.items():
            if file not in seen and os.path.isfile(file):
                yield file, perhaps
                waiting.append(file)


def _kind(path: str) -> str | None:
    name = os.path.basename(path)
    kind = "shell" if name.lower().endswith("makefile") else _KINDS.get(os.path.splitext(name)[1])
    if kind is None and os.access(path, os.X_OK) and (text := _text(path)) is not None:
        first = text.partition("\n")[0]
        if first.startswith("#!"):
            return "python" if "python" in first else "shell" if "sh" in first else "other"
    return kind


def _text(path: str) -> str | None:
    with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        return file.read(_LARGEST)
    return None


def _imported(text: str, folder: str) -> Iterator[str]:
    try:
        # Python has a look at the file when it finds a mistake: that is nobody's business.
        nodes = [*ast.walk(ast.parse(text, os.devnull))]
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in nodes:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield from _files_of(alias.name, folder)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                # A relative one starts where the text stands.
                start = os.path.normpath(os.path.join(folder, *[".."] * (level - 1)))
                for alias in aliases:
                    yield from _files_of(".".join(filter(None, (module, alias.name))), start)


def _files_of(module: str, folder: str) -> Iterator[str]:
    """The files that are executed to import a module, or a name of one, from a folder."""
    path = folder
    for part in module.split("."):
        path = os.path.join(path, part)
        for file in (f"{path}.py", os.path.join(path, "__init__.py")):
            if os.path.isfile(file):
                yield file
