"""Codec ``joint``: values of several names in one pickle, so that what they share stays shared.

Each name has an artifact of its own besides, for whoever reads only that one.
"""

from __future__ import annotations

import ctypes
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbflow.errors import CorruptArtifactError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.store import pickling
from nbflow.store.codecs import Encoded, encoded
from nbflow.store.functions import Reduced

#: Memory around views that is none of the values themselves is kept whole up to this times the
#: part that they show.
_MOST_AROUND = 4


def joints(inputs: Mapping[str, Artifact]) -> dict[Digest, tuple[Artifact, tuple[str, ...]]]:
    """The joint artifacts that at least two of these names are in, and the names."""
    found: dict[Digest, tuple[Artifact, tuple[str, ...]]] = {}
    for name in sorted(inputs):
        joint = inputs[name].joint
        if joint is not None:
            _, names = found.get(joint.digest, (joint, ()))
            found[joint.digest] = joint, (*names, name)
    return {digest: each for digest, each in found.items() if len(each[1]) > 1}


def load_all(inputs: Mapping[str, Artifact], load: Callable[[Artifact], Any]) -> dict[str, Any]:
    """The values of names, those that share objects from one place.

    Raises
    ------
    CorruptArtifactError
        Some are missing or damaged; all of these at once, so that all can be made again at once.
    """
    values: dict[str, Any] = {}
    lost: list[str] = []
    wanted = [*joints(inputs).values()]
    taken = {name for _, names in wanted for name in names}
    wanted += [(inputs[name], (name,)) for name in inputs if name not in taken]
    for artifact, names in wanted:
        try:
            value = load(artifact)
        except CorruptArtifactError as error:
            lost += error.digests
        else:
            values |= {name: value[name] if name in taken else value for name in names}
    if lost:
        raise CorruptArtifactError("is missing or damaged", *lost)
    return {name: values[name] for name in inputs}


def encode_joint(
    values: Mapping[str, object], namespace: Mapping[str, Any], arrays: Sequence[Any] = ()
) -> Encoded:
    """Encode values together.

    Parameters
    ----------
    arrays
        The NumPy arrays in them: those that are views of one memory will be so again.

    Raises
    ------
    UncarriableError
        They cannot be carried together.
    """
    whole = dict(sorted(values.items()))
    views = _views(arrays)

    class JointPickler(pickling.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            reduced = views.get(id(obj))
            return super().reducer_override(obj) if reduced is None else reduced

    pickled = pickling.dump(whole, namespace, " and ".join(whole), JointPickler)
    return encoded(whole, "joint", pickled.details, pickled.buffers, pickled.free)


# -- views ------------------------------------------------------------------------------------


def owner(data: Any, dtype: Any, shape: tuple[int, ...], order: str, writeable: bool) -> Any:
    """An array that owns its memory, as the one did that others were views of."""
    import numpy as np

    array: Any = np.empty(shape, dtype, order)  # type: ignore[call-overload]
    flat = array.reshape(-1) if order == "C" else array.T.reshape(-1)
    flat.view(np.uint8)[:] = np.frombuffer(data, np.uint8)
    array.flags.writeable = writeable
    return array


def view(
    base: Any,
    offset: int,
    dtype: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    write: bool,
) -> Any:
    """A view of another array's memory."""
    import numpy as np

    flat = base if base.flags.c_contiguous else base.T
    array: Any = np.ndarray(shape, dtype, flat, offset, strides)
    array.flags.writeable = write
    return array


def _views(arrays: Iterable[Any]) -> dict[int, Reduced]:
    """How to take apart the arrays that others among them are views of, and those views."""
    by_root: dict[int, list[Any]] = {}
    for array in {id(each): each for each in arrays}.values():
        if _is_plain(array) and array.size:
            by_root.setdefault(id(_root(array)), []).append(array)
    found: dict[int, Reduced] = {}
    for members in by_root.values():
        if len(members) > 1:
            _add_views(_root(members[0]), members, found)
    return found


def _add_views(root: Any, members: Sequence[Any], found: dict[int, Reduced]) -> None:
    import numpy as np
    from numpy.lib.array_utils import byte_bounds

    low = min(byte_bounds(each)[0] for each in members)
    high = max(byte_bounds(each)[1] for each in members)
    dense = root.flags.c_contiguous or root.flags.f_contiguous
    is_member = any(each is root for each in members)
    if dense and (is_member or root.nbytes <= _MOST_AROUND * (high - low)):
        base, low = root, byte_bounds(root)[0]
    else:
        base = np.frombuffer(ctypes.string_at(low, high - low), np.uint8)
    order = "C" if base.flags.c_contiguous else "F"
    flat = (base if order == "C" else base.T).reshape(-1).view(np.uint8)
    write = any(each.flags.writeable for each in (root, *members))
    parts = owner, (pickle.PickleBuffer(flat), base.dtype, base.shape, order, write)
    if base is root:
        found[id(root)] = parts
    kept = root if base is root else _Memory(parts)
    for each in members:
        if each is not root or base is not root:
            start = each.__array_interface__["data"][0] - low
            place = (kept, start, each.dtype, each.shape, each.strides, each.flags.writeable)
            found[id(each)] = view, place


class _Memory:
    """A piece of memory of which only parts have a name; it is loaded as an array of bytes."""

    def __init__(self, parts: Reduced) -> None:
        self.parts = parts

    def __reduce__(self) -> Reduced:
        return self.parts


def _is_plain(array: Any) -> bool:
    import numpy as np

    return type(array) is np.ndarray and not array.dtype.hasobject


def _root(array: Any) -> Any:
    import numpy as np

    while type(array.base) is np.ndarray:
        array = array.base
    return array
