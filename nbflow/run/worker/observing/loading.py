"""Has something done around the loading of a module, by the module's own loader."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeAlias

#: Told of a module, and of what loads it, which it has to call.
Around: TypeAlias = Callable[[ModuleType, Callable[[], None]], None]


def around(spec: ModuleSpec, act: Around) -> None:
    """Have a module that was found loaded within ``act``.

    The loader stays what it is, for whoever asks it: ``pkgutil``, resources, reloads.
    """
    loader: Any = spec.loader
    if isinstance(loader, type) or not hasattr(loader, "exec_module"):
        return  # of built-in modules, which all share it; or of times before there were specs
    load = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        if module.__name__ != spec.name:
            load(module)  # archives have one loader for all their modules
            return
        loader.exec_module = load
        act(module, lambda: load(module))

    with contextlib.suppress(AttributeError):
        loader.exec_module = exec_module
