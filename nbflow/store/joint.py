"""Codec ``joint``: values of several names in one pickle, so that what they share stays shared.

Each name has an artifact of its own besides, for whoever reads only that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbflow.errors import CorruptArtifactError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.store import pickling
from nbflow.store.codecs import Encoded, encoded
from nbflow.store.functions import Reduced


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
    # A class before its instances, which know it as it was when they were stored.
    named = {free for name in inputs for free in inputs[name].free if free != name}
    alone = sorted(inputs.keys() - taken, key=lambda name: (name not in named, name))
    wanted += [(inputs[name], (name,)) for name in alone]
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
    views: Mapping[int, Reduced] = {}
    if arrays:
        from nbflow.store.views import reducers_of

        views = reducers_of(arrays)

    class JointPickler(pickling.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            reduced = views.get(id(obj))
            return super().reducer_override(obj) if reduced is None else reduced

    pickled = pickling.dump(whole, namespace, " and ".join(whole), JointPickler)
    return encoded(whole, "joint", pickled.details, pickled.buffers, pickled.free)
