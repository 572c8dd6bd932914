"""Which of a task's names share mutable objects: their objects are walked, as far as it pays."""

from __future__ import annotations

import enum
import functools
import gc
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from nbflow.records.groups import Groups
from nbflow.records.task import Thing
from nbflow.run.worker.carrying import memory
from nbflow.store import class_objects
from nbflow.store.blocks import memory_of
from nbflow.store.buffers import owner_of
from nbflow.store.kinds import package_of

#: So many objects are looked at in one task. Pickling them takes several times as long.
MAXIMUM_OBJECTS = 1_000_000

#: So many of those that values share are asked whether they are told apart from all others.
MAXIMUM_ASKED = 10_000

#: How objects of a type are looked at.
Look: TypeAlias = Literal[
    "leaf", "through", "node", "alone", "function", "frame", "array", "flat", "axis"
]

_LEAVES = frozenset(
    {
        type(None),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        range,
        slice,
        type(...),
        type(NotImplemented),
    }
    | {types.CodeType, types.GetSetDescriptorType, property}
)
#: Packages whose objects cannot be changed, or are the same wherever they are loaded.
_LEAF_PACKAGES = frozenset(
    {"datetime", "decimal", "fractions", "pathlib", "re", "uuid", "ipaddress", "zoneinfo", "pytz"}
    | {"dateutil", "weakref", "logging"}
)
#: Immutable bases in packages that have mutable objects as well.
_LEAF_BASES = frozenset(
    {"sympy.core.basic.Basic", "numpy.dtype", "numpy.generic", "polars.datatypes.classes.DataType"}
    # Pandas calls its types by other names from 3.0 on.
    | {"pandas._libs.tslibs.nattype.NaTType", "pandas.api.typing.NaTType"}
    | {"pandas._libs.missing.NAType", "pandas.api.typing.NAType"}
    | {"pandas.core.dtypes.base.ExtensionDtype", "pandas.api.extensions.ExtensionDtype"}
    | {"pandas._libs.tslibs.timestamps._Timestamp", "pandas._libs.tslibs.timedeltas._Timedelta"}
    | {"pandas._libs.tslibs.period._Period", "pandas._libs.interval.IntervalMixin"}
    | {"pandas._libs.tslibs.offsets.BaseOffset"}
)
_AXES = frozenset({"pandas.core.indexes.base.Index", "pandas.Index"})
#: Looks by type, and the types of which it is known that they are leaves.
_looks: dict[type, Look] = dict.fromkeys(_LEAVES, "leaf")
_leaves: set[type] = set(_LEAVES)
#: Containers whose parts are what they give when they are iterated over.
_PLAIN = (list, tuple, set)
#: Object columns in which there is nothing to share.
_PLAIN_COLUMNS = frozenset(
    {"string", "empty", "integer", "floating", "boolean", "bytes", "decimal", "datetime", "date"}
)
_THROUGH = frozenset(
    {tuple, frozenset, types.MappingProxyType, types.MethodType, functools.partial}
    | {types.BuiltinFunctionType}
)


@dataclass(slots=True)
class Found:
    """What a walk has found."""

    #: Keys of values that share objects, as lists of at least two.
    groups: list[list[Any]]
    #: The same where objects and indexes count: of an index, only its names can be changed.
    axes: list[list[Any]]
    #: The same where objects and the memory of frames and columns count.
    memory: list[list[Any]]
    #: Keys of values that were too many objects to be walked to the end.
    cut: list[Any]
    #: The arrays inside the values of a key, where views of one memory can be among them.
    arrays: dict[Any, list[Any]]
    #: Keys of values that share objects that are told apart from all others like them.
    apart: set[Any]

    def all_groups(self) -> Iterator[tuple[list[Any], Thing]]:
        """All groups, with what they share."""
        yield from ((group, "objects") for group in self.groups)
        yield from ((group, "axes") for group in self.axes)
        yield from ((group, "memory") for group in self.memory)


def find(values: Iterable[tuple[Any, Any]]) -> Found:
    """The groups of keys whose values share mutable objects."""
    roots: dict[int, tuple[object, list[Any]]] = {}
    for key, value in values:
        kind: Any = type(value)
        if issubclass(kind, type) and value.__module__ == "__main__":
            # A class that is data, with what is kept on it.
            kind, value = list, [each for each in vars(value).values() if not callable(each)]
        if look_of(kind) != "leaf" and id(value) not in class_objects.places:
            roots.setdefault(id(value), (value, []))[1].append(key)
    if len(roots) < 2:
        groups = [(value, keys) for value, keys in roots.values() if len(keys) > 1]
        apart = {key for value, keys in groups if _is_told_apart(value) for key in keys}
        return Found([keys for _, keys in groups], [], [], [], {}, apart)
    # What a class has made is a state of it, under whichever name.
    made = set(class_objects.places)
    walk = _Walk(None, made)
    walk.all(roots)
    if walk.met:
        # What was there before the task began belongs to a library: it is the same for everybody.
        tracked = set(map(id, gc.get_objects()))
        # Without a fork nothing was frozen, and it cannot be told when an object was made.
        own = None if id(sys.modules) in tracked else tracked
        foreign = {id(each) for each in walk.met if own is not None and _is_frozen(each, own)}
        foreign |= _module_values([each for each in walk.met if own is None or _is_silent(each)])
        if foreign:
            walk = _Walk(own, foreign | made)
            walk.all(roots)
    return walk.found(roots)


def _is_frozen(each: object, own: set[int]) -> bool:
    return gc.is_tracked(each) and id(each) not in own


def _is_silent(each: object) -> bool:
    """Whether the collector does not tell when an object was made; arrays are seldom a module's."""
    kind: Any = type(each)
    return not gc.is_tracked(each) and look_of(kind) != "array"


def _module_values(met: Sequence[object]) -> set[int]:
    """Those of these objects that are kept in a module under a name of their own."""
    wanted = {id(each) for each in met}
    found: set[int] = set()
    for module in list(sys.modules.values()) if met else ():
        # The notebook's own names are in a module as well.
        if isinstance(module, types.ModuleType) and vars(module).get("__name__") != "__main__":
            found |= wanted.intersection(map(id, vars(module).values()))
    return found


@dataclass(slots=True)
class _Walk:
    """One walk over the values; a part that was seen under another root is not walked again."""

    #: Ids of the objects that this task has made, where they are known.
    own: set[int] | None
    #: Objects that count for nobody's.
    foreign: set[int] = field(default_factory=set)
    #: The first root under which each object was seen.
    owner: dict[int, int] = field(default_factory=dict)
    #: What was seen under a second one.
    met: list[object] = field(default_factory=list)
    joined: Groups[int] = field(default_factory=Groups)
    #: Pairs of roots that have an index in common.
    axes: set[tuple[int, int]] = field(default_factory=set)
    arrays: dict[int, list[Any]] = field(default_factory=dict)
    #: Arrays of frames and columns, with the number of whose memory they are.
    blocks: dict[int, list[tuple[Any, int]]] = field(default_factory=dict)
    #: Pairs of roots in which the same memory is shown.
    memory: set[tuple[int, int]] = field(default_factory=set)
    cut: set[int] = field(default_factory=set)
    #: Roots of objects that are told apart, where they were seen under a second one.
    apart: set[int] = field(default_factory=set)
    #: How many objects more are asked whether they are.
    patience: int = MAXIMUM_ASKED

    def all(self, roots: Mapping[int, tuple[object, list[Any]]]) -> None:
        for number, (value, _) in roots.items():
            self.root(number, value)
        self._overlaps()

    def root(self, number: int, value: Any) -> None:
        waiting = [value]
        owner, looks = self.owner, _looks
        passed: set[int] = set()
        while waiting:
            each = waiting.pop()
            kind: Any = type(each)
            look = looks.get(kind) or look_of(kind)
            if look == "leaf" or (self.foreign and self._is_foreign(each)):
                continue
            known = owner.get(id(each))
            if look == "through":
                # Nobody sees which of two equal tuples it is that holds an object.
                if id(each) in passed:
                    continue
                passed.add(id(each))
            elif known is not None:
                if known != number and look == "axis":
                    self.axes.add((known, number))
                elif known != number:
                    # What is reached from here is reached under both.
                    self.joined.join(known, [number])
                    self.met.append(each)
                    if number not in self.apart and self._leads_apart(each):
                        self.apart.add(number)
                continue
            else:
                owner[id(each)] = number
            if len(owner) > MAXIMUM_OBJECTS:
                self.cut.add(number)
                return
            if look == "array":
                self.arrays.setdefault(number, []).append(each)
            elif look == "frame":
                self.blocks.setdefault(number, []).extend(memory_of(each))
            held = each if kind in _PLAIN else children(look, each)
            if _leaves.issuperset(map(type, held)):
                continue
            waiting += held

    def _leads_apart(self, first: object) -> bool:
        """Whether an object is told apart, or one that is reached from it."""
        waiting, passed = [first], set[int]()
        while waiting and self.patience:
            each: Any = waiting.pop()
            look = look_of(type(each)) if type(each) not in _looks else _looks[type(each)]
            if look == "leaf" or id(each) in passed or self._is_foreign(each):
                continue
            passed.add(id(each))
            self.patience -= 1
            held = children(look, each)
            if _is_told_apart(each) and (look != "function" or held):
                return True
            waiting += held
        return False

    def found(self, roots: Mapping[int, tuple[object, list[Any]]]) -> Found:
        groups: dict[int, list[Any]] = {}
        for number, (_, keys) in roots.items():
            groups.setdefault(self.joined.top(number), []).extend(keys)
            if len(keys) > 1 and _is_told_apart(roots[number][0]):
                self.apart.add(number)
        return Found(
            [keys for keys in groups.values() if len(keys) > 1],
            self._wider(groups, self.axes),
            self._wider(groups, self.memory),
            [key for number in self.cut for key in roots[number][1]],
            {key: self._arrays(number) for number, (_, keys) in roots.items() for key in keys},
            {key for number in self.apart for key in groups[self.joined.top(number)]},
        )

    def _arrays(self, number: int) -> list[Any]:
        blocks = [array for array, _ in self.blocks.get(number, ())]
        return [*self.arrays.get(number, ()), *blocks]

    def _wider(
        self, groups: Mapping[int, list[Any]], pairs: Iterable[tuple[int, int]]
    ) -> list[list[Any]]:
        wider = Groups[int]()
        for first, second in pairs:
            wider.join(self.joined.top(first), [self.joined.top(second)])
        joined = [tops for tops in wider.members().values() if len(tops) > 1]
        return [[key for top in tops for key in groups[top]] for tops in joined]

    def _is_foreign(self, each: object) -> bool:
        return id(each) in self.foreign or (self.own is not None and _is_frozen(each, self.own))

    def _overlaps(self) -> None:
        """Join the roots whose arrays are views of the same memory."""
        if len(self.arrays.keys() | self.blocks.keys()) < 2:
            return
        spans = memory.spans_of(self.arrays, self.blocks)
        for number, other in memory.of_arrays(spans):
            self.joined.join(number, [other])
        self.memory.update(memory.of_frames(spans))


def _is_told_apart(each: object) -> bool:
    """Whether an object is equal to itself only, or found by what it is in dicts and sets."""
    kind: Any = type(each)
    if getattr(kind, "__eq__", None) is object.__eq__:
        return True
    if kind.__hash__ is None or look_of(kind) != "node":
        return False
    try:
        return hash(each) in (id(each), object.__hash__(each))
    except Exception:  # whatever it asks of what it holds
        return False


def look_of(kind: Any) -> Look:
    """How objects of a type are looked at."""
    look = _looks[kind] = _look_of(kind)
    if look == "leaf":
        _leaves.add(kind)
    return look


def _look_of(kind: Any) -> Look:
    if kind in _LEAVES or issubclass(kind, type | types.ModuleType | enum.Enum):
        return "leaf"
    if kind in _THROUGH:
        return "through"
    if kind is types.FunctionType:
        return "function"
    names = {f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__}
    root = package_of(kind)
    if root in _LEAF_PACKAGES or names & _LEAF_BASES:
        return "leaf"
    if "numpy.ndarray" in names:
        return "array"
    if "numpy.flatiter" in names:
        return "flat"
    if "pandas.core.generic.NDFrame" in names:
        return "frame"
    if names & _AXES:
        return "axis"
    return "alone" if root in ("polars", "pyarrow") else "node"


def children(look: Look, each: Any) -> Sequence[Any]:
    """What an object refers to, as far as it can be shared."""
    match look:
        case "alone" | "axis":
            return ()
        case "array":
            cells = each.ravel().tolist() if each.dtype.kind == "O" else []
            if each.base is not None and (owner := owner_of(each)) is not None:
                cells.append(owner)
            # A subclass has attributes.
            return cells + (gc.get_referents(each) if type(each).__module__ != "numpy" else [])
        case "flat":
            return (each.base,)
        case "frame":
            # Frames copy on write: those made of them share indexes and the objects in cells.
            return [each.attrs, *each.axes, *_cells(each)]
        case "function":
            if each.__module__ != "__main__" and each.__module__ in sys.modules:
                return ()
            return (each.__closure__, each.__defaults__, each.__kwdefaults__, each.__dict__)
    return gc.get_referents(each)


def _cells(frame: Any) -> Iterator[Any]:
    """The values of a frame's or column's object columns, where they are not all plain."""
    from pandas.api.types import infer_dtype

    dtypes = [frame.dtype] if frame.ndim == 1 else list(frame.dtypes)
    for index, dtype in enumerate(dtypes):
        if dtype.kind == "O" and type(dtype).__module__.startswith("numpy"):
            column = frame if frame.ndim == 1 else frame.iloc[:, index]
            if infer_dtype(column) not in _PLAIN_COLUMNS:
                yield from column.tolist()
