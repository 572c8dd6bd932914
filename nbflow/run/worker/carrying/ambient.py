"""The ambient states of one task: taken over before its body, compared after it."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from nbflow.records.ambient import WATCHED
from nbflow.run.worker.carrying import generators, settings
from nbflow.run.worker.carrying.generators import Watched
from nbflow.run.worker.carrying.settings import State, difference, same
from nbflow.run.worker.observing.loading import around
from nbflow.run.worker.observing.places import installed


class Ambient:
    """Gives a task the ambient states that steps above have left, and finds what it changes.

    Responsibilities: a library's state is taken over when the library is there, now or once it is
    imported; what importing alone changes is no change of the task's.

    Parameters
    ----------
    seed
        Where generators start that nobody has seeded.
    after_setup
        States of generators that set-up has seeded, where it has run before.
    is_split
        Whether others like it run at the same time, of which it knows nothing.
    """

    def __init__(
        self, seed: int, after_setup: Mapping[str, Any] | None = None, is_split: bool = False
    ) -> None:
        self._seed = seed
        self._is_split = is_split
        self._given: Mapping[str, Any] = {}
        self._begun = False
        self._generators: dict[str, Watched] = {}
        #: Each setting as it is where no step has run, and as the body found it.
        self._pristine: dict[str, State] = {}
        self._found: dict[str, State] = {}
        #: Settings that the body has read, as far as that can be seen.
        self._used: set[str] = set()
        self._unwatch: dict[str, Callable[[], None]] = {}
        self._finder = _Finder(self._imported, self._around)
        for name, generator in generators.TABLE.items():
            if generator.module in sys.modules:
                self._generators[name] = Watched(generator, seed, is_split)
        for module in generators.COUNTERS.keys() & sys.modules.keys():
            generators.COUNTERS[module](sys.modules[module], seed)
        for name, state in (after_setup or {}).items():
            self._generators[name].put(state)
        sys.meta_path.insert(0, self._finder)

    def begin(self, given: Mapping[str, Any]) -> None:
        """Take over the states that steps above have left; the body comes next."""
        self._given = given
        self._begun = True
        for name, watched in self._generators.items():
            watched.begin(given.get(name))
        for name in settings.TABLE:
            if settings.TABLE[name].module in sys.modules:
                self._take_over(name)

    def end(self) -> None:
        """The body has run: nothing is observed any more."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for watched in self._generators.values():
            watched.release()
        while self._unwatch:
            self._unwatch.popitem()[1]()

    def changed(self) -> Iterator[tuple[str, Any]]:
        """The states that the body has changed, and what to hand on of them."""
        for name, watched in self._generators.items():
            if watched.left:
                yield name, watched.state()
        for name, found in self._found.items():
            now = settings.TABLE[name].look()
            if difference(found, now):
                yield name, difference(self._pristine[name], now)

    def moved(self) -> dict[str, Any]:
        """The states of generators that are others than where they started."""
        return {n: watched.state() for n, watched in self._generators.items() if watched.moved}

    def drawn(self) -> list[str]:
        """The generators that the body drew from as it found them."""
        return [name for name, watched in self._generators.items() if watched.drawn]

    def used(self) -> Iterator[str]:
        """Settings that the body has used, or may have used for all that can be seen."""
        for name in settings.TABLE:
            if name in self._used or (name in self._given and name not in WATCHED):
                yield name

    def restore(self) -> None:
        """Leave this process as the body found it, for executors that go on in it."""
        for watched in self._generators.values():
            watched.restore()
        for name, pristine in self._pristine.items():
            setting = settings.TABLE[name]
            if changed := difference(setting.look(), pristine):
                setting.apply(changed)

    def _take_over(self, name: str) -> None:
        setting = settings.TABLE[name]
        self._pristine[name] = self._found[name] = setting.look()
        if self._given.get(name):
            setting.apply(self._given[name])
            self._found[name] = setting.look()
        if setting.readers is not None:
            told = _told_once(setting.readers(), lambda: self._read(name))
            self._unwatch[name] = told

    def _read(self, name: str) -> bool:
        """A setting is read; whether that is by the body, not by a library while it is imported."""
        if self._finder.importing:
            return False
        self._used.add(name)
        return True

    def _imported(self, module: str) -> None:
        """A module that keeps ambient state has just been imported."""
        if module in generators.COUNTERS:
            generators.COUNTERS[module](sys.modules[module], self._seed)
        for name, generator in generators.TABLE.items():
            if generator.module == module:
                self._generators[name] = Watched(generator, self._seed, self._is_split)
                if self._begun:
                    self._generators[name].begin(self._given.get(name))
        for name, setting in settings.TABLE.items():
            if setting.module == module and self._begun:
                self._take_over(name)

    def _around(self, load: Callable[[], None]) -> None:
        """Import a library; what that changes by the way is as if it had always been so."""
        noisy = [name for name in self._found if settings.TABLE[name].noisy]
        before = {name: settings.TABLE[name].look() for name in noisy}
        load()
        for name in noisy:
            now = settings.TABLE[name].look()
            new = {k: v for k, v in now.items() if not same(before[name].get(k), v)}
            if new:
                self._found[name] = self._found[name] | new
                self._pristine[name] = self._pristine[name] | new


def _told_once(readers: Sequence[tuple[Any, str]], tell: Callable[[], bool]) -> Callable[[], None]:
    """Be told of calls of these functions until one counts; what is returned ends that."""
    originals = [(holder, name, getattr(holder, name)) for holder, name in readers]

    def restore() -> None:
        for holder, name, original in originals:
            setattr(holder, name, original)

    def telling(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def told(*arguments: Any, **keywords: Any) -> Any:
            if tell():
                restore()
            return original(*arguments, **keywords)

        return told

    for holder, name, original in originals:
        setattr(holder, name, telling(original))
    return restore


class _Finder(MetaPathFinder):
    """Finds nothing itself, but is told of imports: of certain modules, and of libraries.

    Parameters
    ----------
    imported
        Called with the name of a module that keeps ambient state, once it is there.
    around
        Called for the outermost of the imports that happen within each other, to carry it out.
    """

    def __init__(
        self, imported: Callable[[str], None], around: Callable[[Callable[[], None]], None]
    ) -> None:
        modules = {each.module for each in generators.TABLE.values()}
        modules |= {each.module for each in settings.TABLE.values()} | generators.COUNTERS.keys()
        # One by one: a difference of two sets would look at every module there is.
        self._left = {name for name in modules if name not in sys.modules}
        self._told = imported
        self._around = around
        self._searching = False
        #: Whether a library is being imported.
        self.importing = False

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self._searching or (self.importing and fullname not in self._left):
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False
        is_library = ((spec and spec.origin) or "").startswith(installed())
        if spec is None or spec.loader is None or not (is_library or fullname in self._left):
            return None
        around(spec, self._load)
        return spec

    def _load(self, module: ModuleType, load: Callable[[], None]) -> None:
        if self.importing:
            load()
        else:
            self.importing = True
            try:
                self._around(load)
            finally:
                self.importing = False
        if module.__name__ in self._left:
            self._left.discard(module.__name__)
            self._told(module.__name__)
