"""Tells the public names of a module, for ``from module import *``."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
from pathlib import Path

from nbflow.analysis import analyse

_ASK = """
import importlib, json, sys
module = importlib.import_module(sys.argv[1])
names = getattr(module, "__all__", None)
print(json.dumps([n for n in dir(module) if n[0] != "_"] if names is None else list(names)))
"""


def star_names(module: str, directory: Path) -> frozenset[str] | None:
    """Public names of a module as seen from a notebook's directory, or None when nobody can tell.

    A module beside the notebook is read, never executed: looking at a flow must not run the
    user's code. An installed one is asked in a process of its own.
    """
    if module.startswith("."):
        return None
    for path in (directory / f"{module.replace('.', '/')}.py", directory / module / "__init__.py"):
        if path.is_file():
            return _names_in(path)
    return _ask(module)


def _names_in(path: Path) -> frozenset[str] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    facts = analyse(text)
    if facts.syntax_error or facts.star_imports:
        return None
    if "__all__" in facts.literals:
        return frozenset(ast.literal_eval(facts.literals["__all__"][1]))
    if "__all__" in facts.binds:
        return None
    return frozenset(n for n in (*facts.binds, *facts.may_bind) if not n.startswith("_"))


@functools.cache
def _ask(module: str) -> frozenset[str] | None:
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _ASK, module],
            capture_output=True,
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        return frozenset(json.loads(answer.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, OSError, ValueError, IndexError):
        return None
