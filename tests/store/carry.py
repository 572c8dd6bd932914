"""Run in processes of their own: store every kind of object, or load and use what was stored."""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import msgspec

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.store.artifacts import Artifacts
from tests.store import kinds, library_kinds
from tests.store.kinds import Kind

Outcome = dict[str, str]

CARRIED = [*kinds.CARRIED, *library_kinds.CARRIED]
REFUSED = [*kinds.REFUSED, *library_kinds.REFUSED]


def store(kind: Kind, artifacts: Artifacts, folder: Path) -> str:
    """The digest of a kind's value, which is stored; for what is refused, the path."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(kind.source, "<kind>", "exec", dont_inherit=True), namespace)
    try:
        artifact, data = artifacts.store(namespace["x"], namespace, "x")
    except UncarriableError as error:
        return f"refused: {error.path}"
    Path(folder, f"{kind.name}.artifact").write_bytes(msgspec.json.encode(artifact))
    Path(folder, f"{kind.name}.data").write_bytes(data or b"")
    return artifact.digest


def use(kind: Kind, artifacts: Artifacts, folder: Path) -> str:
    """``ok`` if a kind's value loads, does what it should, and is stored again as it was."""
    artifact = msgspec.json.decode(
        Path(folder, f"{kind.name}.artifact").read_bytes(), type=Artifact
    )
    data = Path(folder, f"{kind.name}.data").read_bytes()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    value = artifacts.load(artifact, {artifact.digest: data} if data else {}, namespace)
    again, _ = artifacts.store(value, namespace, "x")
    if not eval(kind.check, {"x": value}):
        return "loaded, but broken"
    if kind.settled and again.digest != artifact.digest:
        return "another digest once loaded"
    return "ok"


def main(action: str, folder: Path) -> Outcome:
    """What became of each kind."""
    artifacts = Artifacts(folder / "artifacts")
    outcome = {}
    for kind in CARRIED + (REFUSED if action == "store" else []):
        try:
            outcome[kind.name] = (store if action == "store" else use)(kind, artifacts, folder)
        # Each kind is a case of its own; a failure of one is its outcome.
        except BaseException:
            outcome[kind.name] = traceback.format_exc()
    return outcome


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
