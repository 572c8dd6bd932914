"""Compares what a flow gives with what its notebook gave: digests of values, by name."""

import copyreg
import hashlib
import io
import json
import math
import os
import pickle
import subprocess
import sys
from collections.abc import ItemsView, Iterable, KeysView, ValuesView
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

#: Beside this file; written when the notebook was exported.
EXPECTED = Path(__file__).with_name("digests.json")


class NoContentError(TypeError):
    """A value of a kind that cannot be compared; the message says why."""


def order_sets() -> None:
    """Start over, where sets of texts do not come in the order that they had in the notebook."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        sys.exit(subprocess.call([sys.executable, *sys.orig_argv[1:]], env=environment))


def check_files() -> None:
    """Say which files are missing that the flow reads, and end; or that they are others."""
    expected = json.loads(EXPECTED.read_text("utf-8"))["files"]
    missing = [name for name in expected if not Path(name).is_file()]
    for name, told in expected.items():
        if told and name not in missing:
            with open(name, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != told:
                    print(f"changed    {name}: the notebook read another file")
    for name in missing:
        print(f"missing    {name}: the flow reads this file; put it there")
    if missing:
        sys.exit(2)


def compare(values: dict[str, Any], parameters: dict[str, Any]) -> int:
    """Print how each value compares; the exit code: 0 when all are the same."""
    expected = json.loads(EXPECTED.read_text("utf-8"))
    given = {name: repr(value) for name, value in parameters.items()}
    others = [name for name, told in expected["parameters"].items() if given[name] != told]
    if others:
        told = ", ".join(f"{name} = {expected['parameters'][name]}" for name in others)
        print(f"Nothing to compare with: the digests are of {told}.")
        return 2
    differing = 0
    for name, told in expected["values"].items():
        same = _has_digest(values[name], told) or _has_digest(stored(values[name]), told)
        differing += not same
        print(f"{'same     ' if same else 'different'}  {name}")
    for name, why in expected["uncompared"].items():
        print(f"not seen   {name}: {why}")
    for step, why in expected["accepted"].items():
        print(f"accepted   {step} ({why}): what is compared with is of before that change")
    total = len(expected["values"])
    print(f"{total - differing} of {total} values are those of the notebook.")
    if differing:
        versions = f"{expected['python']}, and the packages of requirements.txt"
        print(f"It was run with Python {versions}.", file=sys.stderr)
    return 1 if differing else 0


def _has_digest(value: Any, told: str) -> bool:
    try:
        return digest(value) == told
    except Exception:  # whatever an object says that cannot be taken apart
        return False


def stored(value: Any) -> Any:
    """The value as it comes back from a store: some leave a part of themselves behind."""
    file = io.BytesIO()
    try:
        _Pickler(file).dump(value)
        file.seek(0)
        return _Unpickler(file).load()
    except Exception:  # whatever an object says that cannot be stored
        return value


class _Pickler(pickle.Pickler):
    """Pickles a value, but for the global generator that it may hold."""

    def persistent_id(self, value: Any) -> str | None:
        return _GENERATOR if _is_global_generator(value) else None

    def reducer_override(self, value: Any) -> Any:
        kind: Any = type(value)
        if isinstance(value, BaseException) and kind.__reduce__ is BaseException.__reduce__:
            # Python's own way would have it made once more, of the arguments of its base.
            return kind.__new__, (kind, *value.args), vars(value) or None
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Gives it the global generator back."""

    def persistent_load(self, pid: str) -> Any:
        return sys.modules[pid]._rand


_GENERATOR = "numpy.random.mtrand"


def _is_global_generator(value: Any) -> bool:
    """Whether it is the one that `numpy.random` draws from: its state is nobody's value."""
    return value is getattr(sys.modules.get(_GENERATOR), "_rand", _Pickler)


def digest(value: Any) -> str:
    """A hash of a value's type and content, to the last bit; the same in every process.

    The order of the bytes within a number is none of its content: a pickle may change it.

    Raises an exception of the value's own when it cannot be taken apart.
    """
    return Digests().of(value)


class Digests:
    """Goes through a value once, however often its parts are met in it."""

    def __init__(self) -> None:
        #: By id, what is known already; the value itself, so that no other has its id.
        self._known: dict[int, tuple[Any, str]] = {}
        #: Ids of the values that are being gone through, and how deep they are.
        self._open: dict[int, int] = {}
        #: The least deep of them that has been met within itself.
        self._lowest = sys.maxsize

    def of(self, value: Any) -> str:
        depth, place = len(self._open), self._open.get(id(value))
        if place is not None:
            self._lowest = min(self._lowest, place)
            return _hash("above", depth - place)
        if id(value) in self._known:
            return self._known[id(value)][1]
        before, self._lowest = self._lowest, sys.maxsize
        self._open[id(value)] = depth
        found = _hash(_name(type(value)), *self._content(value))
        del self._open[id(value)]
        if self._lowest >= depth:
            self._known[id(value)] = (value, found)
            self._lowest = sys.maxsize
        self._lowest = min(before, self._lowest)
        return found

    def _all(self, values: Iterable[Any]) -> list[str]:
        return [self.of(each) for each in values]

    def _content(self, value: Any) -> list[str]:
        if type(value) in (type(None), bool, int, str, bytes, type(...)):
            return [repr(value)]
        if type(value) is float:
            return ["nan" if math.isnan(value) else value.hex()]
        if type(value) is complex:
            return self._all((value.real, value.imag))
        if type(value) in (list, tuple):
            return self._all(value)
        if type(value) in (set, frozenset):
            return sorted(self._all(value))
        if type(value) is dict:
            return [*self._all(value), *self._all(value.values())]
        if isinstance(value, type | ModuleType):
            return [_name(value)]
        if _is_global_generator(value):
            return ["numpy.random"]
        if isinstance(value, FunctionType | BuiltinFunctionType | MethodType):
            return [value.__qualname__.rpartition("<locals>.")[2]]
        if isinstance(value, KeysView | ValuesView | ItemsView | MappingProxyType | memoryview):
            plain = dict if isinstance(value, MappingProxyType) else list
            return [self.of(plain(value))]
        package = str(type(value).__module__).partition(".")[0]
        if package == "sympy" and hasattr(value, "dummy_index"):
            return [value.name, *self._all([value.assumptions0])]  # its number is another each time
        if package == "matplotlib":
            raise NoContentError("a figure has no content that is the same each time")
        if package == "numpy" and hasattr(value, "tobytes"):
            return self._array(value)
        if package == "pandas" and hasattr(value, "to_numpy"):
            return self._pandas(value)
        if package == "polars" and hasattr(value, "collect_schema") and hasattr(value, "collect"):
            raise NoContentError("a query has no content before it is carried out")
        if package == "polars" and hasattr(value, "iter_columns"):
            columns = [value[name].to_list() for name in value.columns]
            return [str(value.schema), *self._all(columns)]
        if package == "polars" and hasattr(value, "to_list"):
            return [str(value.dtype), value.name, *self._all(value.to_list())]
        return self._parts(value)

    def _array(self, value: Any) -> list[str]:
        value = value.astype(value.dtype.newbyteorder("<"), copy=False)
        dtype = str(value.dtype.descr if value.dtype.names else value.dtype.str)
        whole = [dtype, str(value.shape)]
        if hasattr(value, "mask"):
            whole += self._all([value.mask, value.fill_value])
        if value.dtype.hasobject:
            return [*whole, *self._all(value.ravel().tolist())]
        return [*whole, _bytes(value)]

    def _pandas(self, value: Any) -> list[str]:
        if hasattr(value, "columns"):
            columns = [value.iloc[:, place] for place in range(len(value.columns))]
            return self._all([value.columns, value.index, *columns])
        # An array of pandas' has no name.
        names = list(value.names) if hasattr(value, "names") else [getattr(value, "name", None)]
        told = [str(value.dtype), *self._all(names)]
        if hasattr(value, "index"):
            told += self._all([value.index])
        if hasattr(value.dtype, "categories"):
            told += [str(value.dtype.ordered), *self._all([value.dtype.categories])]
        is_numpy = type(value.dtype).__module__.partition(".")[0] == "numpy"
        if is_numpy and not value.dtype.hasobject:
            return [*told, _bytes(value.to_numpy())]
        return [*told, *self._all(value.tolist())]

    def _parts(self, value: Any) -> list[str]:
        """What pickle would take an object apart into."""
        taken_apart = copyreg.dispatch_table.get(type(value))
        reduced = taken_apart(value) if taken_apart else value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return [reduced]
        make, arguments, *rest = reduced
        state, items, pairs = (*rest, None, None, None)[:3]
        return self._all([make, arguments, state, list(items or ()), list(pairs or ())])


def _bytes(value: Any) -> str:
    return hashlib.sha256(value.tobytes()).hexdigest()


def _name(named: Any) -> str:
    """A class by its module, unless that is the one that is run."""
    module = getattr(named, "__module__", None) or getattr(named, "__name__", "")
    name = getattr(named, "__qualname__", "").rpartition("<locals>.")[2]
    return name if module in ("__main__", "__mp_main__") else f"{module}.{name}"


def _hash(*parts: Any) -> str:
    told = hashlib.sha256()
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        told.update(len(data).to_bytes(8, "big") + data)
    return told.hexdigest()
