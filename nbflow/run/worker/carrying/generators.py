"""What is another with each use: global random generators, and the numbers of what libraries make.

How each is seeded, and its state taken over and handed on.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MethodType, ModuleType
from typing import Any

import msgspec


class Generator(msgspec.Struct, frozen=True):
    """A generator that a module keeps for all who import it."""

    module: str
    seed: Callable[[Any, int], object]
    look: Callable[[Any], Any]
    set: Callable[[Any, Any], object]
    #: Functions of the module after which nothing is left of the state before.
    seeding: tuple[str, ...] = ()
    #: Functions of the module that tell its state.
    telling: tuple[str, ...] = ()
    #: Whether it counts, from where it is when its module is imported: only splits, of which none
    #: knows what the others make, are seeded.
    counts: bool = False


def _numpy_state(module: Any) -> Any:
    name, keys, *rest = module.get_state(legacy=True)
    return (name, keys.tobytes(), *rest)


def _set_numpy_state(module: Any, state: Any) -> None:
    import numpy as np

    name, keys, *rest = state
    module.set_state((name, np.frombuffer(keys, np.uint32), *rest))


def _torch_state(module: Any) -> bytes:
    state: bytes = module.get_rng_state().numpy().tobytes()
    return state


def _set_torch_state(module: Any, state: bytes) -> None:
    module.set_rng_state(module.frombuffer(bytearray(state), dtype=module.uint8))


def _place(module: Any, path: str) -> tuple[Any, str]:
    """What holds something of a module, and under which name."""
    holder, _, name = path.rpartition(".")
    return (attrgetter(holder)(module) if holder else module), name


def _counter(module: str, path: str) -> Generator:
    def count(module: Any, number: int) -> None:
        holder, name = _place(module, path)
        setattr(holder, name, number)

    return Generator(module, seed=count, look=attrgetter(path), set=count, counts=True)


TABLE: Mapping[str, Generator] = {
    "random.state": Generator(
        "random",
        seed=lambda module, seed: module.seed(seed),
        look=lambda module: module.getstate(),
        set=lambda module, state: module.setstate(state),
        seeding=("seed", "setstate"),
        telling=("getstate",),
    ),
    "numpy.random": Generator(
        "numpy.random",
        seed=lambda module, seed: module.seed(seed % 2**32),
        look=_numpy_state,
        set=_set_numpy_state,
        seeding=("seed", "set_state"),
        telling=("get_state",),
    ),
    "torch.random": Generator(
        "torch",
        seed=lambda module, seed: module.manual_seed(seed),
        look=_torch_state,
        set=_set_torch_state,
        seeding=("manual_seed", "set_rng_state"),
        telling=("get_rng_state",),
    ),
    "faker.random": Generator(
        "faker.generator",
        seed=lambda module, seed: module.random.seed(seed),
        look=lambda module: module.random.getstate(),
        set=lambda module, state: module.random.setstate(state),
        seeding=("random.seed", "random.setstate"),
        telling=("random.getstate",),
    ),
    "sympy.frames": _counter("sympy.physics.vector.frame", "ReferenceFrame._count"),
    "cvxpy.count": _counter("cvxpy.lin_ops.lin_utils", "ID_COUNTER.count"),
    "bokeh.count": _counter("bokeh.util.serialization", "_simple_id"),
    "control.count": _counter("control.iosys", "InputOutputSystem._idCounter"),
    "param.count": _counter("param.parameterized", "object_count"),
}

#: By module: what makes its objects of one task others than those of any other task, where the
#: module tells them apart by a number that it counts up, shows it nowhere, and makes them all the
#: time: no task waits for another's number.
COUNTERS: Mapping[str, Callable[[Any, int], object]] = {
    "sympy.core.symbol": lambda module, seed: setattr(module.Dummy, "_count", seed),
}


class Watched:
    """One generator while a task runs: who has moved it on, and from which state."""

    def __init__(self, generator: Generator, seed: int, is_split: bool) -> None:
        self._generator = generator
        self._module: ModuleType = sys.modules[generator.module]
        self._pristine = self.state() if generator.counts else None
        if is_split or not generator.counts:
            generator.seed(self._module, seed)
        self._own_seed = seed if is_split else None
        self._given = self._seeded = self._drawn_before = self._asked = self._looks = False
        self._start: Any = self.state()
        self._originals: list[tuple[Any, str, Any]] = []
        for told, paths in ((self._seeds, generator.seeding), (self._asks, generator.telling)):
            for holder, name in (_place(self._module, path) for path in paths):
                function = getattr(holder, name)
                self._originals.append((holder, name, function))
                setattr(holder, name, _like(function, told(function)))

    def begin(self, given: Any) -> None:
        """The task's body comes next.

        Parameters
        ----------
        given
            The state that steps above have left; None where none has seeded the generator, and
            each task has its own, or goes on from where set-up has seeded it.
        """
        if given is not None:
            self._generator.set(self._module, given)
        elif self._seeded and self._own_seed is not None:
            self._generator.seed(self._module, self._own_seed)
        is_seeded = self._seeded and self._own_seed is None
        self._given = given is not None or is_seeded or self._generator.counts
        self._seeded = False
        self._start, self._asked = self.state(), False

    def state(self) -> Any:
        self._looks = True
        try:
            return self._generator.look(self._module)
        finally:
            self._looks = False

    @property
    def left(self) -> bool:
        """Whether its state is one that steps below should go on from."""
        return self.moved and (self._given or self._seeded)

    @property
    def drawn(self) -> bool:
        """Whether the task drew from it as it found it, or asked for its state."""
        return self._asked or (self._drawn_before if self._seeded else self.moved)

    def put(self, state: Any) -> None:
        """Go on from a state that is not of this task's making, before its body."""
        self._generator.set(self._module, state)

    @property
    def moved(self) -> bool:
        """Whether its state is another than at the start, or than the body found."""
        return bool(self.state() != self._start)

    def restore(self) -> None:
        """Let a count go on from where it was, in a process that goes on."""
        if self._generator.counts:
            self.put(self._pristine)

    def release(self) -> None:
        """Have nothing told any more."""
        for holder, name, function in self._originals:
            setattr(holder, name, function)

    def _asks(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def telling(*arguments: Any, **keywords: Any) -> Any:
            self._asked |= not (self._looks or self._seeded)
            return function(*arguments, **keywords)

        return telling

    def _seeds(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def seeding(*arguments: Any, **keywords: Any) -> Any:
            if not self._seeded:
                self._drawn_before = self.moved
                self._seeded = bool(arguments or keywords)
            return function(*arguments, **keywords)

        return seeding


def _like(original: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function in place of a method of some object is one as well, for who looks at it."""
    if not isinstance(original, MethodType):
        return function

    @functools.wraps(original.__func__)
    def method(_: object, *arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return MethodType(method, original.__self__)
