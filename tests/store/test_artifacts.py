"""Files of artifacts are whole or not there, and damage is found before anything is decoded."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.records.artifact import Artifact
from nbflow.store import codecs, disk
from nbflow.store.artifacts import SMALL, Artifacts
from nbflow.store.codecs import encode_splits

LARGE = np.arange(20_000.0)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "artifacts")


@pytest.fixture
def never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("decoded before it was verified")

    monkeypatch.setattr(codecs, "unpack", refuse)


def store(artifacts: Artifacts, value: object = LARGE) -> tuple[Artifact, Path]:
    artifact, data = artifacts.store(value)
    assert data is None
    return artifact, artifacts.path(artifact.digest)


def files(artifacts: Artifacts) -> list[Path]:
    return [path for path in artifacts.root.rglob("*") if path.is_file()]


def test_a_small_value_is_handed_back_and_a_large_one_is_a_file(artifacts: Artifacts) -> None:
    small, data = artifacts.store(b"x" * 1000)
    assert data is not None
    assert files(artifacts) == []
    assert artifacts.load(small, {small.digest: data}) == b"x" * 1000
    large, path = store(artifacts)
    assert large.bytes > SMALL
    assert files(artifacts) == [path]
    assert path.stat().st_mode & 0o777 == 0o444


def test_a_loaded_array_can_be_written_and_the_file_never_changes(artifacts: Artifacts) -> None:
    artifact, path = store(artifacts)
    before = path.read_bytes()
    array = artifacts.load(artifact, {})
    assert isinstance(array, np.ndarray)
    array[:] = 0
    assert path.read_bytes() == before
    again = artifacts.load(artifact, {})
    assert isinstance(again, np.ndarray)
    assert again[7] == 7


def test_the_same_content_is_stored_once(artifacts: Artifacts) -> None:
    artifact, path = store(artifacts)
    inode = path.stat().st_ino
    assert store(artifacts, LARGE.copy()) == (artifact, path)
    assert path.stat().st_ino == inode


def test_a_file_of_another_length_is_replaced(artifacts: Artifacts) -> None:
    artifact, path = store(artifacts)
    path.chmod(0o600)
    path.write_bytes(b"torn")
    store(artifacts)
    assert np.array_equal(artifacts.load(artifact, {}), LARGE)  # type: ignore[arg-type]


def flip(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


@pytest.mark.usefixtures("never_decoded")
@pytest.mark.parametrize(
    "damage",
    [flip, lambda data: data[:-1], lambda data: data[:0], lambda data: data + b"\0"],
)
def test_damage_is_found_before_decoding_and_put_aside(
    artifacts: Artifacts, damage: Callable[[bytes], bytes]
) -> None:
    artifact, path = store(artifacts)
    path.chmod(0o600)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CorruptArtifactError):
        artifacts.load(artifact, {})
    assert not artifacts.has(artifact.digest)


@pytest.mark.usefixtures("never_decoded")
def test_a_swapped_file_is_found(artifacts: Artifacts) -> None:
    one, path = store(artifacts)
    _, other = store(artifacts, LARGE + 1)
    other.replace(path)
    with pytest.raises(CorruptArtifactError):
        artifacts.load(one, {})


@pytest.mark.usefixtures("never_decoded")
def test_a_damaged_small_content_is_found(artifacts: Artifacts) -> None:
    artifact, data = artifacts.store("small")
    assert data is not None
    with pytest.raises(CorruptArtifactError):
        artifacts.load(artifact, {artifact.digest: flip(data)})


def test_damage_is_found_in_a_file_that_was_intact_before(artifacts: Artifacts) -> None:
    artifact, path = store(artifacts)
    artifacts.load(artifact, {})
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"!")
    with pytest.raises(CorruptArtifactError):
        artifacts.load(artifact, {})


def test_a_missing_file_is_named(artifacts: Artifacts) -> None:
    artifact, path = store(artifacts)
    path.unlink()
    with pytest.raises(CorruptArtifactError, match=artifact.digest[:12]):
        artifacts.load(artifact, {})


def test_a_link_is_not_followed(artifacts: Artifacts, tmp_path: Path) -> None:
    artifact, path = store(artifacts)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorruptArtifactError):
        artifacts.load(artifact, {})


def test_damage_of_any_kind_is_put_aside_again_and_again(artifacts: Artifacts) -> None:
    for damage in (Path.touch, Path.mkdir, Path.touch, Path.mkdir, lambda p: p.symlink_to(".")):
        artifact, path = store(artifacts)
        path.unlink()
        damage(path)
        with pytest.raises((CorruptArtifactError, StoreError)):
            artifacts.load(artifact, {})
        artifact, path = store(artifacts)
        assert path.is_file()
        assert len(artifacts.read(artifact.digest, {})) == path.stat().st_size


def test_splits_load_as_a_list_of_their_parts(artifacts: Artifacts) -> None:
    stored = [artifacts.store(value) for value in (1, LARGE, "x")]
    parts = [artifact for artifact, _ in stored]
    splits, data = artifacts.put(encode_splits([*parts, parts[0]]))
    small = {artifact.digest: data for artifact, data in [*stored, (splits, data)] if data}
    loaded = artifacts.load(splits, small)
    assert isinstance(loaded, list)
    first, array, text, again = loaded
    assert (first, text, again) == (1, "x", 1)
    assert np.array_equal(array, LARGE)


@pytest.mark.parametrize("function", ["create", "write", "publish"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_failing_disk_leaves_nothing_and_is_named(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch, function: str, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(disk, function, fail)
    with pytest.raises(StoreError, match=os.strerror(number)) as caught:
        artifacts.store(LARGE)
    assert str(artifacts.root) in caught.value.message
    assert files(artifacts) == []
    monkeypatch.undo()
    artifact, _ = artifacts.store(LARGE)
    assert np.array_equal(artifacts.load(artifact, {}), LARGE)  # type: ignore[arg-type]


def test_a_disk_that_fills_up_midway_leaves_nothing(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [100_000]

    def fill(descriptor: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = os.write(descriptor, data[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(disk, "write", fill)
    with pytest.raises(StoreError):
        artifacts.store(LARGE)
    assert files(artifacts) == []


def test_short_writes_are_carried_on(artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "WRITE_LIMIT", 1000)
    artifact, path = store(artifacts)
    assert path.stat().st_size == artifact.bytes
    assert np.array_equal(artifacts.load(artifact, {}), LARGE)  # type: ignore[arg-type]


def test_no_descriptor_is_left_open(artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    artifact, path = store(artifacts)
    value = artifacts.load(artifact, {})
    monkeypatch.setattr(disk, "publish", lambda *_: 1 / 0)
    path.unlink()
    with pytest.raises(ZeroDivisionError):
        artifacts.store(LARGE)
    del value
    assert len(list(descriptors.iterdir())) == before


def test_the_store_imports_no_heavy_library() -> None:
    code = (
        "import sys, nbflow.store.store\n"
        "heavy = {'numpy', 'pandas', 'polars', 'pyarrow', 'cloudpickle', 'dill', 'IPython'}\n"
        "sys.exit(' '.join(heavy & sys.modules.keys()))"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.stderr.strip() == ""


def test_a_forked_child_of_a_process_that_has_hashed_much_can_hash_much() -> None:
    code = (
        "import os, sys, numpy\n"
        "from nbflow.store.codecs import encode\n"
        "value = numpy.ones(1_000_000)\n"
        "digest = encode(value).artifact.digest\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(encode(value).artifact.digest != digest)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
