"""Small texts that tasks have read: kept, so that what differs in them can be shown one day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from nbflow.records.digest import Digest, of_bytes
from nbflow.records.files import on_disk
from nbflow.records.task import Fact

#: Larger files are known by their digests alone; so are those of tasks that read more than so many.
_LARGEST = 1 << 15
_MOST = 20


class Texts:
    """Reads each of them once for each of its contents.

    Parameters
    ----------
    directory
        The notebook's. What lies elsewhere, or is hidden, is nobody's to copy.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: set[str] = set()

    def read(self, facts: Iterable[Fact], written: Collection[str]) -> dict[Digest, bytes]:
        """Those that a task has read and that are new, by digest; not what the flow writes."""
        files = [f for f in facts if f.kind == "file" and f.value and f.subject not in written]
        new = [file for file in files if file.value not in self._seen]
        if len(files) > _MOST or not new:
            return {}
        self._seen.update(file.value for file in new)
        return dict(self._contents(new))

    def _contents(self, files: Iterable[Fact]) -> Iterator[tuple[Digest, bytes]]:
        for file in files:
            parts = Path(file.subject).parts
            if file.subject.startswith("/") or any(part.startswith(".") for part in parts):
                continue
            path = self._directory / on_disk(file.subject)
            with suppress(OSError):
                if path.is_file() and path.stat().st_size <= _LARGEST:
                    content = path.read_bytes()
                    if of_bytes(content) == file.value and b"\0" not in content:
                        yield Digest(file.value), content
