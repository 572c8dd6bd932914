"""The global random generators of a task: seeded when they exist, or as soon as they do."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

#: Module that holds a global generator, and how to seed it.
_SEEDERS: dict[str, Callable[[ModuleType, int], object]] = {
    "numpy.random": lambda module, seed: module.seed(seed % 2**32),
    "torch": lambda module, seed: module.manual_seed(seed),
}


def seed_generators(seed: int) -> MetaPathFinder:
    """Seed the global generators; returns the import hook that sees to those imported later."""
    random.seed(seed)
    for name, seeder in _SEEDERS.items():
        if name in sys.modules:
            seeder(sys.modules[name], seed)
    finder = _SeedingFinder(seed)
    sys.meta_path.insert(0, finder)
    return finder


class _SeedingFinder(MetaPathFinder):
    """Finds nothing itself, but seeds a generator's module once it has been imported."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._left = {name for name in _SEEDERS if name not in sys.modules}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._left:
            return None
        self._left.discard(fullname)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            seeder = _SEEDERS[fullname]
            spec.loader = _SeedingLoader(spec.loader, lambda module: seeder(module, self._seed))
        return spec


class _SeedingLoader(Loader):
    def __init__(self, loader: Loader, afterwards: Callable[[ModuleType], object]) -> None:
        self._loader = loader
        self._afterwards = afterwards

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module is left with its own loader: resources and reloads ask for it.
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._afterwards(module)
